// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a state that `state!` has not checked
// rustc: `Memory` cannot be part of a state that the kernel keeps
// c: any struct will do
// no bpf: any struct will do; each access is checked
// told loads: any struct will do; each access is checked

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
#[derive(Clone, Copy)]
pub struct Memory {
    pub value: u32,
}

#[cfg(told)]
// SAFETY: There is none: this is the mistake.
unsafe impl tcp_cc::State for Memory {}

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = Memory; //~ wrong

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        #[cfg(not(told))]
        ssthresh: reno::ssthresh,
        #[cfg(told)]
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

#[cfg(told)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    memory.value = 1;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
