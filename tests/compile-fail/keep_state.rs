// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: using the state of one socket in a callback of another
// rustc: dereference of raw pointer is unsafe and requires unsafe
// c: compiles; two callbacks write to it concurrently, or it is freed
// bpf: invalid mem access 'scalar'
// forced bpf: invalid mem access 'scalar'

#[cfg(not(forced))]
use core::sync::atomic::{
    AtomicPtr,
    Ordering, //
};

state! {
    pub struct Memory {
        pub value: u32,
    }
}

#[cfg(not(forced))]
static KEPT: AtomicPtr<Memory> = AtomicPtr::new(core::ptr::null_mut());
#[cfg(forced)]
static mut KEPT: *mut Memory = core::ptr::null_mut();

fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    #[cfg(right)]
    KEPT.store(memory, Ordering::Relaxed);
    #[cfg(wrong)]
    let _ = (*KEPT.swap(memory, Ordering::Relaxed)).value; //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe {
        if !KEPT.is_null() {
            (*KEPT).value = 0;
        }
        KEPT = memory;
    }
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
