// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a default out of its bounds
// rustc: the default of `beta` is out of its bounds
// c: C's parameters have no bounds unless they are coded by hand; in `net/ipv4` only
//   `dctcp_shift_g`'s are
// no bpf: it has no module parameters

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

#[cfg(right)]
parameters! {
    pub struct Params {
        /// multiplicative decrease, in 1/1024
        writable beta: u32 = 717, 1..=1023;
    }
}

#[cfg(not(right))]
parameters! {
    pub struct Params {
        /// multiplicative decrease, in 1/1024
        writable beta: u32 = 1024, 1..=1023; //~ wrong
    }
}

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const PARAMETERS: tcp_cc::Parameters = Params::DECLARED;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}
