// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a parameter that is neither `writable` nor `read_only`
// rustc: a parameter is either `writable` or `read_only`
// c: the mode is a number, checked by a `BUILD_BUG_ON()`
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
        constant beta: u32 = 717, 1..=1023; //~ wrong
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
