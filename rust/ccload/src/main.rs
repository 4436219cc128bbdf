// SPDX-License-Identifier: GPL-2.0-only

//! Loads TCP congestion controls that are BPF objects: sets their parameters, fits them to the
//! running kernel, replaces one version by another while connections go on, and unloads them.
//!
//! A table is registered for as long as its link is pinned in a directory of bpffs, where `bpftool
//! struct_ops register OBJECT DIR` pins it too: so either may unload what the other has loaded.
//!
//! Documentation/with-and-without-bpf.rst is the guide.

mod failure;
mod kernel;
mod messages;
mod object;
mod parameters;
mod registered;

use clap::{
    Parser,
    Subcommand, //
};
use failure::{
    Failure,
    Result, //
};
use parameters::Setting;
use std::{
    fmt,
    io::{
        self,
        Write, //
    },
    panic,
    path::PathBuf,
    process::ExitCode, //
};

/// Loads TCP congestion controls that are BPF objects.
#[derive(Parser)]
#[command(version, disable_help_subcommand = true)]
struct Arguments {
    /// Directory of bpffs with the links of what is registered
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "/sys/fs/bpf/ferrops"
    )]
    pins: PathBuf,

    /// Show all that libbpf and the verifier say
    #[arg(long, short, global = true)]
    verbose: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Load an object and register its table
    Load {
        /// The object
        file: PathBuf,
        /// Values of parameters
        #[arg(value_name = "NAME=VALUE")]
        settings: Vec<Setting>,
    },
    /// Load an object in the place of a table that is registered
    ///
    /// Connections that are open keep what they have until they close; new ones get the new. Where
    /// the table is the default of another network namespace, it has to be made that again.
    Replace {
        /// The object
        file: PathBuf,
        /// Values of parameters
        #[arg(value_name = "NAME=VALUE")]
        settings: Vec<Setting>,
    },
    /// Change parameters of a table that is registered
    Set {
        /// The table's name
        table: String,
        /// Values of parameters
        #[arg(value_name = "NAME=VALUE", required = true)]
        settings: Vec<Setting>,
    },
    /// Take a table away; connections that are open keep it until they close
    Unload {
        /// The table's name
        table: String,
    },
    /// Say what is registered, and with which parameters
    List {
        /// Say how large its programs are, too
        #[arg(long)]
        programs: bool,
    },
    /// Say what an object has: its callbacks, its parameters and their bounds
    Show {
        /// The object
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // What was asked for, if only by saying nothing.
        Err(help) if !help.to_string().starts_with("error: ") => help.exit(),
        Err(error) => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            say(format_args!("{line}; 'ccload --help' says how it is used"));
            return ExitCode::FAILURE;
        }
    };
    // SAFETY: No other thread is there yet. Who reads what is printed may stop reading.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    messages::collect(arguments.verbose);
    // A panic is a bug here, or in a crate that trusts an object. It takes one line, too.
    if !arguments.verbose {
        panic::set_hook(Box::new(|_| ()));
    }
    let done = panic::catch_unwind(|| run(&arguments)).unwrap_or_else(|_| {
        Err(Failure::new(
            "the object is damaged, or ccload has a bug; --verbose says where",
        ))
    });
    let written = done.and_then(|text| {
        io::stdout()
            .write_all(text.as_bytes())
            .map_err(|error| Failure::of("cannot write to the standard output", error))
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(format_args!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

/// Tells the user something, in a line of its own.
fn say(what: impl fmt::Display) {
    // Nobody is there to be told if it fails.
    let _ = writeln!(io::stderr(), "ccload: {what}");
}

/// Does what is wanted; returns what there is to print.
fn run(arguments: &Arguments) -> Result<String> {
    let pins = registered::Pins::new(&arguments.pins);
    match &arguments.command {
        Command::Show { file } => return object::Opened::open(file)?.show(),
        Command::Load { file, settings } => {
            kernel::check_privileges()?;
            let opened = object::Opened::open(file)?;
            pins.make_room(opened.table())?;
            pins.register(&opened.load(settings)?)
        }
        Command::Replace { file, settings } => {
            kernel::check_privileges()?;
            let opened = object::Opened::open(file)?;
            pins.find(opened.table())?;
            pins.replace(&opened.load(settings)?)
        }
        Command::Set { table, settings } => {
            kernel::check_privileges()?;
            pins.set(table, settings)
        }
        Command::Unload { table } => pins.unload(table),
        Command::List { programs } => {
            kernel::check_privileges()?;
            return pins.list(*programs);
        }
    }
    .map(|()| String::new())
}
