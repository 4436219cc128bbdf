// SPDX-License-Identifier: GPL-2.0-only

//! Drives two congestion controls with the same events, and compares what they do; or one, and
//! counts what its callbacks cost.
//!
//! The work is done while the module is loaded, and loading fails then, on purpose: nothing is left
//! in the kernel. The result is in the kernel's log, in lines that `scripts/diff` reads.
//!
//! For a guest with one processor: the kernel's clock is stopped and set while callbacks run.

mod bench;
mod c;
mod connection;
mod description;
mod drawn;
mod event;
mod outside;
mod pair;
mod paths;
mod side;

use connection::Connection;
use event::Events;
use kernel::prelude::*;
use pair::Pair;
use side::Table;

module! {
    type: Opsdiff,
    name: "opsdiff",
    authors: ["The ferrops authors"],
    description: "Compares two congestion controls, step by step, or counts what one costs",
    license: "GPL",
}

/// Never made.
struct Opsdiff;

impl kernel::Module for Opsdiff {
    fn init(_: &'static ThisModule) -> Result<Self> {
        let given = c::parameters();
        if given.calls == 0 {
            compare(given)?;
        } else {
            bench::count(given)?;
        }
        Err(EAGAIN)
    }
}

/// The most steps that a run may have.
const MOST_STEPS: u32 = 1_000_000_000;

/// The table called `name`.
fn table(name: &CStr, text: &str) -> Result<Table> {
    Table::new(name).inspect_err(|&error| {
        if error == ENOENT {
            pr_err!("error: there is no congestion control '{text}'; load its module first\n");
        } else {
            pr_err!("error: a socket cannot use '{text}': {error:?}\n");
        }
    })
}

/// Fails where the clock cannot be stopped.
fn check_clock() -> Result {
    if c::can_stop_clock() {
        return Ok(());
    }
    pr_err!("error: the clock can be stopped on a machine with one processor only\n");
    Err(EINVAL)
}

/// Compares the tables that were asked for, and prints what came of it.
fn compare(given: &'static c::Parameters) -> Result {
    let (Some(table_name), Some(reference_name)) = (c::text(given.table), c::text(given.reference))
    else {
        pr_err!("error: which congestion controls? Give table=NAME reference=NAME\n");
        return Err(EINVAL);
    };
    let (Ok(a), Ok(b)) = (table_name.to_str(), reference_name.to_str()) else {
        pr_err!("error: the name of a congestion control is ASCII\n");
        return Err(EINVAL);
    };
    if a == b {
        pr_err!("error: '{a}' would be compared with itself; name two\n");
        return Err(EINVAL);
    }
    if given.steps == 0 || given.steps > MOST_STEPS {
        pr_err!(
            "error: {} steps; there can be 1 to {MOST_STEPS}\n",
            given.steps
        );
        return Err(EINVAL);
    }
    check_clock()?;
    let tables = [table(table_name, a)?, table(reference_name, b)?];
    let is_custom = |table: &Table| table.ops().cong_control.is_some();
    if is_custom(&tables[0]) != is_custom(&tables[1]) {
        let (custom, classic) = if is_custom(&tables[0]) {
            (a, b)
        } else {
            (b, a)
        };
        pr_err!("error: '{custom}' is a custom congestion control and '{classic}' a classic one\n");
        return Err(EINVAL);
    }
    let tables = [&tables[0], &tables[1]];
    let mut pair = Pair::new([a, b], tables, given.bpf, given.only_init)?;
    let mut differences: u32 = 0;

    let connections = match c::text(given.events) {
        Some(path) => {
            let file = c::File::read(path).inspect_err(|error| {
                pr_err!("error: the file with the events cannot be read: {error:?}\n");
            })?;
            let events = event::parse(file.bytes())?;
            let _watch = c::Watch::new()?;
            if pair.replay(&events).is_some() {
                let step = pair.steps;
                pr_info!("difference: step {step}\n");
                differences += 1;
                report(&mut pair, events)?;
                pair.steps = step;
            }
            1
        }
        None => random(&mut pair, given, &mut differences)?,
    };

    for (number, count) in pair.outside.into_iter().enumerate() {
        if count > 0 {
            pr_info!("outside: {count} {}\n", outside::reason(number));
        }
    }
    pr_info!("result: {} {connections} {differences}\n", pair.steps);
    Ok(())
}

/// Compares on random connections, and returns how many there were.
fn random(pair: &mut Pair<'_>, given: &c::Parameters, differences: &mut u32) -> Result<u32> {
    let _watch = c::Watch::new()?;
    let mut number = 0;
    // What kinds of differences were shown.
    let mut kinds: KVec<u64> = KVec::new();
    while pair.steps < given.steps.into() {
        c::set_connection(number);
        let left = u64::from(given.steps) - pair.steps;
        let mut connection = Connection::new(pair, given.seed as u64, number);
        connection.run(left)?;
        let (differs, events) = (connection.differs, connection.events);
        number += 1;
        if differs {
            *differences += 1;
            if *differences == 1 {
                pr_info!("difference: step {}\n", pair.steps);
            }
            if given.show == 0 {
                break;
            }
            let Some(kind) = events.last().map(|last| pair.kind(last)) else {
                continue;
            };
            if kinds.len() < given.show as usize && !kinds.contains(&kind) {
                kinds.push(kind, GFP_KERNEL)?;
                let (steps, outside) = (pair.steps, pair.outside);
                report(pair, events)?;
                (pair.steps, pair.outside) = (steps, outside);
            }
        }
    }
    Ok(number)
}

/// Minimises a difference and prints it.
fn report(pair: &mut Pair<'_>, mut events: Events) -> Result {
    pair::minimise(pair, &mut events)?;
    pair.show(&events);
    Ok(())
}
