// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a window of 0
// rustc: expected `Cwnd`, found integer
// c: compiles; `tcp_snd_cwnd_set()` warns too late, and stores it
// bpf loads: the connection stalls
// forced loads: the connection stalls

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
    sk.set_snd_cwnd(Cwnd::clamped(Packets::ZERO));
    #[cfg(not(any(right, forced)))]
    sk.set_snd_cwnd(0); //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    sk.set_snd_cwnd(unsafe { core::mem::transmute::<u32, Cwnd>(0) });
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
