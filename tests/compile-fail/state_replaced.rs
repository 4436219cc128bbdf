// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: replacing the struct that `state!` has checked
// rustc: struct `Memory` does not have a field named `value`
// c: any struct is accepted
// no bpf: any struct is accepted; each access is checked

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

state! { //~ wrong
    #[cfg(right)]
    pub struct Memory {
        pub value: u32, //~ wrong
    }
}

#[cfg(not(right))]
#[derive(Clone, Copy)]
pub struct Memory {
    pub on: bool,
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
