// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a generic state, whose bytes are unchecked
// rustc: no rules expected `<`
// c: there are no generics
// no bpf: there are no generics

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

#[cfg(right)]
state! {
    pub struct Memory {
        pub value: u32,
    }
}

#[cfg(not(right))]
state! {
    pub struct Memory<T> { //~ wrong
        pub value: T,
    }
}

#[cfg(right)]
type Chosen = Memory;
#[cfg(not(right))]
type Chosen = Memory<u32>; //~ wrong

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = Chosen;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}
