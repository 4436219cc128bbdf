// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a reference in the state
// rustc: `&'static u32` cannot be part of a congestion control's state
// c: compiles; a wild pointer in each child, and after another algorithm
// bpf: invalid mem access 'scalar'

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

state! {
    pub struct Memory {
        pub value: Value, //~ wrong
    }
}

#[cfg(right)]
type Value = u32;
#[cfg(not(right))]
type Value = &'static u32;

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = Memory;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::Classic(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        hooks: Hooks::NONE,
    };
}
