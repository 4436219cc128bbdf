// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: calling a callback of the ops by hand
// rustc: is unsafe and requires unsafe block
// c: compiles; the socket may be unlocked
// no bpf: its callbacks are programs, which cannot call one another
// forced loads: it is one function in the object

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(wrong)]
    let _ = tcp_cc::callbacks::undo_cwnd::<Algorithm>(core::ptr::null_mut()); //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    sk.set_snd_cwnd_cnt(Packets::new(unsafe {
        tcp_cc::callbacks::undo_cwnd::<Algorithm>(sk.as_raw())
    }));
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
