// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an element beyond the end of an array in the state
// rustc: this operation will panic at runtime
// c: compiles, with a warning; writes to the next field
// bpf: no write support to tcp_sock at off
// forced bpf: no write support to tcp_sock at off

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

state! {
    pub struct Memory {
        pub samples: [u32; 26],
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
    let last = memory.samples[25];
    #[cfg(not(any(right, forced)))]
    let last = memory.samples[27]; //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    let last = unsafe { memory.samples.as_mut_ptr().add(27).replace(0) };
    memory.samples[0] = last;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
