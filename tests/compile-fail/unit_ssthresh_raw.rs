// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a threshold below 2
// rustc: expected `Ssthresh`, found `Packets`
// c: compiles; slow start takes the window to 0
// bpf loads: slow start takes the window to 0
// forced loads: slow start takes the window to 0

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
    #[cfg(right)]
    return Ssthresh::clamped(sk.snd_cwnd() / 2);
    #[cfg(not(any(right, forced)))]
    return sk.snd_cwnd() / 2; //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    return unsafe { core::mem::transmute::<Packets, Ssthresh>(sk.snd_cwnd() / 2) };
}
