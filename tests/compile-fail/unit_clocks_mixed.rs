// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: subtracting instants of different clocks
// rustc: expected `Jiffies32`, found `Micros64`
// c: compiles; the difference is meaningless
// bpf loads: the difference is meaningless
// forced loads: the difference is meaningless

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
    let now = Jiffies32::now();
    #[cfg(right)]
    let idle = now.since(sk.lsndtime());
    #[cfg(not(any(right, forced)))]
    let idle = now.since(sk.tcp_mstamp()); //~ wrong
    #[cfg(forced)]
    let idle = now.since(Jiffies32::new(sk.tcp_mstamp().get() as u32));
    Ssthresh::clamped(sk.snd_cwnd() / if idle > Ticks::new(1) { 4 } else { 2 })
}
