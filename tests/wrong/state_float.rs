// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a floating point number in the state
// rustc: `f64` cannot be part of a congestion control's state
// c: does not compile without `kernel_fpu_begin()` and a file with its own flags
// no bpf: it has no floating point

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
type Value = f64;

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
