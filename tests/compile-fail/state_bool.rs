// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a `bool` in the state
// rustc: `bool` cannot be part of a state that the kernel keeps
// c: compiles; a byte of the previous algorithm that is neither 0 nor 1 counts as both
// bpf loads: such a byte counts as both
// forced loads: LLVM decides what such a byte counts as

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

#[cfg(not(forced))]
state! {
    pub struct Memory {
        pub value: Value, //~ wrong
    }
}

#[cfg(forced)]
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Memory {
    pub value: Value,
}

#[cfg(forced)]
// SAFETY: There is none: this is the mistake.
unsafe impl tcp_cc::AnyBytes for Memory {}

#[cfg(right)]
type Value = u8;
#[cfg(not(right))]
type Value = bool;

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
    Ssthresh::clamped(sk.snd_cwnd() / if memory.value { 4 } else { 2 })
}
