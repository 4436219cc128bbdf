// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: too many elements for a `SmallArray`
// rustc: `SmallArray` is for 1 to 8 elements
// c: compiles; any index
// bpf: invalid variable offset

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    prelude::*,
    SmallArray, //
};

#[cfg(right)]
const LENGTH: usize = 8;
#[cfg(not(right))]
const LENGTH: usize = 9;

const NONE: SmallArray<u32, LENGTH> = SmallArray::new([0; LENGTH]);

state! {
    pub struct Memory {
        pub samples: SmallArray<u32, LENGTH>,
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
    memory.samples = NONE; //~ wrong
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
