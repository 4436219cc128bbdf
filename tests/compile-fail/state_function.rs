// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a function in the state
// rustc: `fn(u32) -> u32` cannot be part of a state that the kernel keeps
// c: compiles; jumps to an arbitrary address
// bpf: unknown opcode 8d
// forced bpf: unknown opcode 8d

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
type Value = fn(u32) -> u32;

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
    Ssthresh::clamped(Packets::new((memory.value)(sk.snd_cwnd().get())))
}
