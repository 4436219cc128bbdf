// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: comparing ticks with microseconds
// rustc: expected `Ticks`, found `Usecs`
// c: compiles; wrong by a factor of `1000000 / HZ`
// bpf loads: wrong by a factor of `1000000 / HZ`
// forced loads: wrong by a factor of `1000000 / HZ`

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
    let idle = Jiffies32::now().since(sk.lsndtime());
    #[cfg(right)]
    let second = Ticks::new(tcp_cc::hz() as i32);
    #[cfg(not(any(right, forced)))]
    let second = Usecs::SEC;
    #[cfg(forced)]
    let second = Ticks::new(Usecs::SEC.get() as i32);
    let is_idle = idle > second; //~ wrong
    Ssthresh::clamped(sk.snd_cwnd() / if is_idle { 4 } else { 2 })
}
