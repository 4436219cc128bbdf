// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: arithmetic that overflows
// caught: the build: a reachable panic in the object. The types' own arithmetic wraps
// object: panic_const_mul_overflow
// c: compiles; wraps, or is undefined if signed
// bpf loads: wraps
// forced build: can panic

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

state! {
    pub struct Memory {
        pub value: u32,
    }
}

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = Memory;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    #[cfg(right)]
    let scaled = memory.value.wrapping_mul(717);
    #[cfg(not(right))]
    let scaled = memory.value * 717;
    memory.value = scaled;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
