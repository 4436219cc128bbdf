// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an `undo_cwnd` that may be 0 or huge
// rustc: expected `Cwnd`, found `Packets`
// c: compiles; warns too late
// bpf loads: warns too late
// forced loads: warns too late

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
        ssthresh: reno::ssthresh,
        undo_cwnd,
        optional: Optional::NONE,
    };
}

fn undo_cwnd(sk: &mut Sock, _: &mut ()) -> Cwnd {
    let less = sk.snd_cwnd() - Packets::new(10);
    #[cfg(right)]
    return Cwnd::clamped(less);
    #[cfg(not(any(right, forced)))]
    return less; //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    return unsafe { core::mem::transmute::<Packets, Cwnd>(less) };
}
