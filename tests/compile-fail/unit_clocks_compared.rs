// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: comparing instants of a clock that wraps with `<`
// rustc: binary operation `<` cannot be applied to type `tcp_cc::Jiffies32`
// c: compiles; wrong around the wrap, which is 5 minutes after boot
// bpf loads: wrong around the wrap
// forced loads: wrong around the wrap

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
    let is_idle = now.after(sk.lsndtime());
    #[cfg(not(any(right, forced)))]
    let is_idle = sk.lsndtime() < now; //~ wrong
    #[cfg(forced)]
    let is_idle = sk.lsndtime().get() < now.get();
    match is_idle {
        true => Ssthresh::clamped(Packets::ZERO),
        false => Ssthresh::INFINITE,
    }
}
