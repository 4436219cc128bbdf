// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: keeping the socket beyond the callback
// rustc: dereference of raw pointer is unsafe and requires unsafe
// c: compiles; the pointer outlives the socket
// bpf: invalid mem access 'scalar'
// forced bpf: invalid mem access 'scalar'

#[cfg(not(forced))]
use core::sync::atomic::{
    AtomicPtr,
    Ordering, //
};
#[cfg(forced)]
use tcp_cc::context::Locked;

#[cfg(not(forced))]
static KEPT: AtomicPtr<Sock> = AtomicPtr::new(core::ptr::null_mut());
#[cfg(forced)]
static mut KEPT: *mut u8 = core::ptr::null_mut();

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    let half = Ssthresh::clamped(sk.snd_cwnd() / 2);
    #[cfg(right)]
    KEPT.store(sk, Ordering::Relaxed);
    #[cfg(wrong)]
    (*KEPT.swap(sk, Ordering::Relaxed)).set_snd_cwnd_cnt(Packets::ZERO); //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe {
        if !KEPT.is_null() {
            Sock::<Locked>::from_raw(KEPT.cast()).set_snd_cwnd_cnt(Packets::ZERO);
        }
        KEPT = sk.as_raw().cast();
    }
    half
}
