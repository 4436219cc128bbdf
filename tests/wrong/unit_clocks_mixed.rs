// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: subtracting an instant of one clock from one of another
// rustc: expected `Jiffies32`, found `Micros64`
// c: compiles; the difference means nothing
// bpf loads: the difference means nothing
// told loads: the difference means nothing

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
    #[cfg(not(any(right, told)))]
    let idle = now.since(sk.tcp_mstamp()); //~ wrong
    #[cfg(told)]
    let idle = now.since(Jiffies32::new(sk.tcp_mstamp().get() as u32));
    Ssthresh::clamped(sk.snd_cwnd() / if idle > Ticks::new(1) { 4 } else { 2 })
}
