// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a state with a destructor
// rustc: the trait `Copy` cannot be implemented for this type; the type has a destructor
// c: there are no destructors; `release` does not run if `init` did not
// no bpf: there are no destructors

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

state! {
    pub struct Memory { //~ wrong
        pub value: u32,
    }
}

#[cfg(not(right))]
impl Drop for Memory {
    fn drop(&mut self) {}
}

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = Memory;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}
