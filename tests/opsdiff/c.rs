// SPDX-License-Identifier: GPL-2.0-only

//! The functions in `helpers.c`.

use crate::event::Event;
use core::ptr::addr_of_mut;
use ferrops_bindings as bindings;
use kernel::{
    error::to_result,
    ffi::{
        c_char,
        c_int,
        c_uint,
        c_ulong,
        c_void, //
    },
    prelude::*, //
};

/// What was given to `insmod`; `helpers.h` has the same.
#[repr(C)]
pub(crate) struct Parameters {
    pub(crate) table: *const c_char,
    pub(crate) reference: *const c_char,
    pub(crate) events: *const c_char,
    pub(crate) seed: c_ulong,
    pub(crate) steps: c_uint,
    pub(crate) show: c_uint,
    pub(crate) calls: c_uint,
    pub(crate) sockets: c_uint,
    pub(crate) path: *const c_char,
    pub(crate) bpf: bool,
    pub(crate) only_init: bool,
}

#[repr(C)]
struct Clock {
    flags: c_ulong,
    jiffies: c_ulong,
}

/// What is being done, for whoever wants to know after a panic; `helpers.h` has the same.
#[repr(C)]
struct Current {
    connection: u32,
    step: u64,
    event: *const u8,
    event_length: usize,
    arguments: [u64; 3],
}

/// An instruction that was executed, where it is and its bytes (and those behind it);
/// `helpers.h` has the same.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Step {
    address: c_ulong,
    bytes: [u8; 16],
}

/// The ACKs that callbacks have sent: how many, and the last one's header; `helpers.h` has the
/// same.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Acks {
    pub(crate) count: u32,
    pub(crate) seq: u32,
    pub(crate) ack_seq: u32,
    pub(crate) flags_and_window: u32,
}

#[allow(
    improper_ctypes,
    reason = "newer compilers look into kernel types behind pointers"
)]
extern "C" {
    static mut opsdiff_current: Current;
    static opsdiff_nothing: c_void;
    static opsdiff_parameters: Parameters;
    static mut opsdiff_acks: Acks;

    fn opsdiff_begin_watch() -> c_int;
    fn opsdiff_end_watch();
    fn opsdiff_can_stop_clock() -> bool;
    fn opsdiff_stop_clock(clock: *mut Clock, now: u32);
    fn opsdiff_start_clock(clock: *const Clock);
    fn opsdiff_counters(counters: *mut [u64; 5]);
    fn opsdiff_may_send(sk: *mut bindings::sock);
    fn opsdiff_ticks() -> u64;
    fn opsdiff_busy_ns() -> u64;
    fn opsdiff_sort(numbers: *mut u32, count: usize);
    fn opsdiff_begin_steps() -> c_int;
    fn opsdiff_end_steps();
    fn opsdiff_step(entry: c_ulong, steps: *mut Step, room: usize);
    fn opsdiff_stepped() -> usize;
    fn opsdiff_show_step(step: *const Step);
    fn opsdiff_read_file(path: *const c_char, content: *mut *mut c_void) -> isize;
    fn vfree(content: *const c_void);
}

/// What was given to `insmod`.
pub(crate) fn parameters() -> &'static Parameters {
    // SAFETY: The kernel writes to them only before it initialises the module: none can be written
    // in sysfs.
    unsafe { &opsdiff_parameters }
}

/// A parameter that is a text; `None` if it was not given.
pub(crate) fn text(parameter: *const c_char) -> Option<&'static CStr> {
    // SAFETY: A parameter is NULL or a text that is there as long as the module is.
    (!parameter.is_null()).then(|| unsafe { CStr::from_char_ptr(parameter) })
}

/// While it lives, a panic says what was being done; and if there is a watchdog, so does a callback
/// that does not come back.
pub(crate) struct Watch;

impl Watch {
    /// From now on.
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: It is registered once, and the value that takes it away is made here.
        to_result(unsafe { opsdiff_begin_watch() }).map(|()| Self)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // SAFETY: Registered, since there is a value.
        unsafe { opsdiff_end_watch() };
    }
}

/// Says which connection it is about.
pub(crate) fn set_connection(number: u32) {
    // SAFETY: Only this thread writes to it; a panic reads it where that is.
    unsafe { addr_of_mut!(opsdiff_current.connection).write_volatile(number) };
}

/// Says what will happen next.
pub(crate) fn set_event(step: u64, event: &Event) {
    let name = event.name();
    // SAFETY: As above. The name is there as long as the module is.
    unsafe {
        addr_of_mut!(opsdiff_current.step).write_volatile(step);
        addr_of_mut!(opsdiff_current.event).write_volatile(name.as_ptr());
        addr_of_mut!(opsdiff_current.event_length).write_volatile(name.len());
        addr_of_mut!(opsdiff_current.arguments).write_volatile(event.arguments);
    }
}

/// Whether [`at`] may be used: there is no other processor that would see the clock jump.
pub(crate) fn can_stop_clock() -> bool {
    // SAFETY: It reads a number.
    unsafe { opsdiff_can_stop_clock() }
}

/// Calls `f` with interrupts off, and with the jiffies clock standing at `now`.
pub(crate) fn at<R>(now: u32, f: impl FnOnce() -> R) -> R {
    let mut clock = Clock {
        flags: 0,
        jiffies: 0,
    };
    // SAFETY: There is one processor, as the module's `init` has checked. Its interrupts are off
    // until the clock is back, so nobody but `f` sees another time.
    unsafe { opsdiff_stop_clock(&mut clock, now) };
    let result = f();
    // SAFETY: This is the clock that was stopped.
    unsafe { opsdiff_start_clock(&clock) };
    result
}

/// The first network namespace's counters of HyStart and of PLB. For use in [`at`].
pub(crate) fn counters() -> [u64; 5] {
    let mut counters = [0; 5];
    // SAFETY: There is room for five.
    unsafe { opsdiff_counters(&mut counters) };
    counters
}

/// A table with every callback, none of which does anything.
pub(crate) fn nothing() -> &'static bindings::tcp_congestion_ops {
    // SAFETY: It is such a table (the type is opaque above since rustc minds the integers of 128
    // bits somewhere below it), and nobody writes to it: it is not registered.
    unsafe { &*(&raw const opsdiff_nothing).cast() }
}

/// A clock that counts instructions in virtual time, and cycles or the like elsewhere.
#[inline]
pub(crate) fn ticks() -> u64 {
    // SAFETY: It reads a counter.
    unsafe { opsdiff_ticks() }
}

/// Nanoseconds since boot in which the first processor was not idle.
pub(crate) fn busy_ns() -> u64 {
    // SAFETY: It reads counters.
    unsafe { opsdiff_busy_ns() }
}

/// Sorts numbers: the least first.
pub(crate) fn sort(numbers: &mut [u32]) {
    // SAFETY: There are so many.
    unsafe { opsdiff_sort(numbers.as_mut_ptr(), numbers.len()) };
}

/// While it lives, calls can be executed in single steps.
pub(crate) struct Steps;

impl Steps {
    /// From now on. Fails with `EOPNOTSUPP` where this is not known how to.
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: It is registered once, and the value that takes it away is made here.
        to_result(unsafe { opsdiff_begin_steps() }).map(|()| Self)
    }

    /// Calls `f`, which calls the function at `entry` once and is to be used in [`at`]; fills
    /// `steps` with the instructions that were executed from there to its return, and says how many
    /// there were.
    pub(crate) fn of(&self, entry: usize, steps: &mut [Step], f: impl FnOnce()) -> usize {
        // SAFETY: The traps are answered, since there is a value. `steps` is there until the call
        // has returned, when nothing writes to it any more.
        unsafe { opsdiff_step(entry, steps.as_mut_ptr(), steps.len()) };
        f();
        // SAFETY: It reads a number.
        unsafe { opsdiff_stepped() }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        // SAFETY: Registered, since there is a value.
        unsafe { opsdiff_end_steps() };
    }
}

impl Step {
    /// Prints it: address, symbol, bytes.
    pub(crate) fn show(&self) {
        // SAFETY: It is only read.
        unsafe { opsdiff_show_step(self) };
    }
}

/// Lets TCP send ACKs of a socket of ours: to nowhere. [`acks`] tells of them.
///
/// # Safety
///
/// `sk` is a zeroed `tcp_sock` that is the caller's alone.
pub(crate) unsafe fn may_send(sk: *mut bindings::sock) {
    // SAFETY: By the contract of this function.
    unsafe { opsdiff_may_send(sk) }
}

/// The ACKs that were sent since the last call. For use in [`at`].
pub(crate) fn acks() -> Acks {
    let acks = &raw mut opsdiff_acks;
    // SAFETY: A callback writes to it, on this processor, and none is running.
    unsafe { acks.replace(Acks::default()) }
}

/// A file in memory.
///
/// # Invariants
///
/// `content` was allocated by the kernel for a file of `length` bytes, and is ours.
pub(crate) struct File {
    content: *mut c_void,
    length: usize,
}

impl File {
    /// Reads the file `path`.
    pub(crate) fn read(path: &CStr) -> Result<Self> {
        let mut content = core::ptr::null_mut();
        // SAFETY: `path` ends with a NUL, and `content` is valid for writes.
        let length = unsafe { opsdiff_read_file(path.as_char_ptr(), &mut content) };
        // INVARIANT: Just allocated, since there was no error.
        match usize::try_from(length) {
            Ok(length) => Ok(Self { content, length }),
            Err(_) => Err(Error::from_errno(length as i32)),
        }
    }

    /// What is in it.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: By the type invariants.
        unsafe { core::slice::from_raw_parts(self.content.cast(), self.length) }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: By the type invariants; the kernel allocates a file's memory with vmalloc().
        unsafe { vfree(self.content) };
    }
}
