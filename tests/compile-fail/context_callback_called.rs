// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: calling a callback of the ops by hand
// rustc: is unsafe and requires unsafe block
// c: compiles; the socket may be unlocked
// no bpf: its callbacks are programs, which cannot call one another
// forced loads: it is one function in the object

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(not(any(right, forced)))]
    let _ = tcp_cc::callbacks::undo_cwnd::<Algorithm>(core::ptr::null_mut()); //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    sk.set_snd_cwnd_cnt(Packets::new(unsafe {
        tcp_cc::callbacks::undo_cwnd::<Algorithm>(sk.as_raw())
    }));
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
