// SPDX-License-Identifier: GPL-2.0-only

//! What libbpf says, of which a user needs a line.

use crate::failure::Failure;
use libbpf_rs::libbpf_sys;
use std::{
    ffi::{
        c_char,
        c_int,
        c_void,
        CStr, //
    },
    io::{
        self,
        Write, //
    },
    mem,
    ptr,
    sync::{
        atomic::{
            AtomicBool,
            Ordering, //
        },
        Mutex, //
    }, //
};

/// What was said so far. Paths, names in objects and lines of sources are in it, so it may be
/// anything but text in UTF-8.
static SAID: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Whether it is printed, too.
static VERBOSE: AtomicBool = AtomicBool::new(false);

extern "C" {
    /// Formats into memory that it allocates. How a `va_list` is passed differs by machine: it is
    /// a pointer on all.
    fn vasprintf(text: *mut *mut c_char, format: *const c_char, arguments: *mut c_void) -> c_int;
}

/// Keeps what libbpf says from now on, instead of printing it; or does both.
pub fn collect(verbose: bool) {
    VERBOSE.store(verbose, Ordering::Relaxed);
    // SAFETY: The types of the function differ in that of `arguments`, which is a pointer.
    let keep = unsafe {
        mem::transmute::<*const (), libbpf_sys::libbpf_print_fn_t>(
            keep_formatted as Callback as *const (),
        )
    };
    // SAFETY: The function may be called at any time.
    unsafe { libbpf_sys::libbpf_set_print(keep) };
}

type Callback =
    unsafe extern "C" fn(libbpf_sys::libbpf_print_level, *const c_char, *mut c_void) -> c_int;

/// Keeps a message, for libbpf. A panic here would end the program.
///
/// # Safety
///
/// `format` and `arguments` are those of `vprintf()`.
unsafe extern "C" fn keep_formatted(
    level: libbpf_sys::libbpf_print_level,
    format: *const c_char,
    arguments: *mut c_void,
) -> c_int {
    if level > libbpf_sys::LIBBPF_INFO {
        return 0;
    }
    let mut text = ptr::null_mut();
    // SAFETY: The caller has promised that these belong together; they are used once.
    if unsafe { vasprintf(&mut text, format, arguments) } < 0 {
        return 0;
    }
    // SAFETY: The call has succeeded, so that there is a text with a NUL at its end.
    keep(unsafe { CStr::from_ptr(text) }.to_bytes());
    // SAFETY: It was allocated for us, and is not used any more.
    unsafe { libc::free(text.cast()) };
    0
}

/// Keeps a message.
fn keep(message: &[u8]) {
    if VERBOSE.load(Ordering::Relaxed) {
        // Nobody is there to be told if it fails.
        let _ = io::stderr().write_all(message);
    }
    if let Ok(mut said) = SAID.lock() {
        said.extend_from_slice(message);
    }
}

/// Why loading an object failed with `error`, out of what was said.
pub fn explain(error: &libbpf_rs::Error) -> Failure {
    let said = SAID.lock().map(|said| said.clone()).unwrap_or_default();
    Failure::new(reason(
        &String::from_utf8_lossy(&said),
        error.to_string().lines().next().unwrap_or(""),
    ))
}

/// The reason in what was said.
fn reason(said: &str, error: &str) -> String {
    if let Some(kfunc) = quoted(said, "extern (func ksym) '") {
        return if said.contains("incompatible") {
            format!("the kernel's function {kfunc} has another prototype than the object calls")
        } else {
            format!(
                "the kernel has no function {kfunc} for BPF to call (a kfunc); is the module that \
                 has it loaded?"
            )
        };
    }
    if let Some(option) = quoted(said, "extern (kcfg) '") {
        return format!("the kernel's configuration does not say what {option} is");
    }
    if let Some(log) = between(said, "-- BEGIN PROG LOAD LOG --", "-- END PROG LOAD LOG --") {
        let program = quoted(said, "prog '").unwrap_or("a program");
        return format!("{program}: {}", refusal(log));
    }
    if error.contains("ermission") || error.contains("os error 1)") {
        return "the kernel does not let this process load BPF; run this as root, outside of \
                containers"
            .into();
    }
    let last = said
        .lines()
        .map(|line| line.trim_start_matches("libbpf: "))
        .next_back();
    format!(
        "the kernel does not load it: {} ({error})",
        last.unwrap_or("no reason given")
    )
}

/// What the verifier refuses, and where, out of its log.
fn refusal(log: &str) -> String {
    if let Some(field) = log.lines().find_map(|line| {
        line.trim()
            .strip_prefix("failed to resolve CO-RE relocation ")
    }) {
        // As in "<byte_off> [12] struct tcp_sock.snd_cwnd (0:1:2 @ offset 3)".
        let name = field.split_once("] ").map_or(field, |(_, name)| name);
        let name = name.split_once(" (").map_or(name, |(name, _)| name);
        return format!("this kernel has no {name}");
    }
    let before = log.split("\nprocessed ").next().unwrap_or(log);
    let place = before
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("; "));
    let reason = before
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !is_trace(line))
        .unwrap_or("no reason given");
    match place {
        Some(place) => format!("the verifier refuses it: {reason}, at: {place}"),
        None => format!("the verifier refuses it: {reason}"),
    }
}

/// Whether a line of the verifier's log is the way to a refusal: an instruction, what registers
/// hold, a line of the source.
fn is_trace(line: &str) -> bool {
    let is_instruction = line
        .split_once(':')
        .is_some_and(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()));
    let words = [
        ";",
        "from ",
        "func#",
        "mark_precise",
        "last_idx",
        "regs=",
        "parent ",
        "cur state",
        "old state",
        "returning from",
        "caller",
        "callee",
        "frame",
    ];
    // As in "R0=scalar() R1=ctx()"; what begins with "R1 " is a sentence.
    let is_state = line.starts_with('R')
        && line[1..]
            .trim_start_matches(|letter: char| letter.is_ascii_digit())
            .starts_with(['=', '_']);
    line.is_empty() || is_instruction || is_state || words.iter().any(|word| line.starts_with(word))
}

/// What follows `before`, up to a quote.
fn quoted<'a>(said: &'a str, before: &str) -> Option<&'a str> {
    between(said, before, "'")
}

/// What stands between two texts.
fn between<'a>(said: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = said.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kfunc_that_is_not_there() {
        let said = "libbpf: extern (func ksym) 'rcubic_init': not found in kernel or module BTFs\n";
        assert!(reason(said, "").starts_with("the kernel has no function rcubic_init for BPF"));
    }

    #[test]
    fn a_field_that_is_not_there() {
        let said = "libbpf: prog 'init': BPF program load failed: Invalid argument\n\
                    libbpf: prog 'init': -- BEGIN PROG LOAD LOG --\n\
                    0: R1=ctx() R10=fp0\n; return sk->x; @ glue.c:7\n\
                    4: <invalid CO-RE relocation>\n\
                    failed to resolve CO-RE relocation <byte_off> [12] struct tcp_sock.x (0:3 @ \
                    offset 8)\nprocessed 5 insns (limit 1000000)\n-- END PROG LOAD LOG --\n";
        assert_eq!(
            reason(said, ""),
            "init: this kernel has no struct tcp_sock.x"
        );
    }

    #[test]
    fn a_refusal() {
        let said = "libbpf: prog 'ssthresh': BPF program load failed: Permission denied\n\
                    libbpf: prog 'ssthresh': -- BEGIN PROG LOAD LOG --\n\
                    0: R1=ctx() R10=fp0\n; a = b[i]; @ half.rs:9\n0: (79) r1 = *(u64 *)(r1 +0)\n\
                    1: R1_w=trusted_ptr_sock()\n\
                    R1 invalid mem access 'scalar'\n\
                    processed 2 insns (limit 1000000)\n-- END PROG LOAD LOG --\n";
        assert_eq!(
            reason(said, ""),
            "ssthresh: the verifier refuses it: R1 invalid mem access 'scalar', at: a = b[i]; @ \
             half.rs:9"
        );
    }
}
