// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a loop that may not terminate
// caught: the BPF verifier, on the BPF object of the same file
// c: compiles; the CPU hangs
// bpf: infinite loop detected
// forced bpf: infinite loop detected

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
    #[cfg(not(right))]
    while memory.value != 1 {
        memory.value = memory.value.wrapping_sub(2);
    }
    memory.value = 0;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
