// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: claiming by hand that a state is sound
// rustc: implementation of an `unsafe` trait
// c: nothing checks it
// no bpf: nothing checks it
// forced loads: nothing checks it

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

#[cfg(right)]
state! {
    pub struct Memory {
        pub on: u8,
    }
}

#[cfg(not(right))]
#[derive(Clone, Copy)]
pub struct Memory {
    pub on: bool,
}

#[cfg(not(right))]
// SAFETY: There is none: this is the mistake.
unsafe impl tcp_cc::AnyBytes for Memory {} //~ wrong

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = Memory;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        #[cfg(not(forced))]
        ssthresh: reno::ssthresh,
        #[cfg(forced)]
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    Ssthresh::clamped(sk.snd_cwnd() / if memory.on { 4 } else { 2 })
}
