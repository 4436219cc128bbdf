// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a reference in the state
// rustc: `&'static u32` cannot be part of a state that the kernel keeps
// c: compiles; a wild pointer in each child, and after another algorithm
// bpf: invalid mem access 'scalar'
// forced bpf: invalid mem access 'scalar'

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
type Value = u32;
#[cfg(not(right))]
type Value = &'static u32;

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
    Ssthresh::clamped(sk.snd_cwnd() / *memory.value)
}
