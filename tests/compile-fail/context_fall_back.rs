// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: changing the algorithm of a socket outside `init`
// rustc: no method named `fall_back_to` found
// c: compiles; the next callback is another algorithm's, on a foreign state
// bpf: no write support to tcp_sock at off
// forced loads: the kernel's reno takes over in the middle of a loss

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

pub struct Other;

impl CongestionControl for Other {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "other",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

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
    sk.fall_back_to::<Other>(); //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe { Sock::<Init<()>>::from_raw(sk.as_raw()) }.fall_back_to::<Other>();
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
