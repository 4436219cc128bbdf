// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an `enum` in the state
// rustc: `Phase` cannot be part of a congestion control's state
// c: compiles; a `switch` over it may jump anywhere
// bpf loads: no `case` fits

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

#[derive(Clone, Copy)]
pub enum Phase {
    SlowStart,
    Avoidance,
}

state! {
    pub struct Memory {
        pub value: Value, //~ wrong
    }
}

#[cfg(right)]
type Value = u8;
#[cfg(not(right))]
type Value = Phase;

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
