// SPDX-License-Identifier: GPL-2.0-only

//! Loops as long as its state says: it builds, and the verifier refuses it.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

state! {
    /// The state.
    pub struct Memory {
        /// How long to loop.
        pub turns: u32,
        /// What is computed.
        pub number: u32,
    }
}

/// Loops.
pub struct Rloop;

impl CongestionControl for Rloop {
    type State = Memory;

    const OPS: Ops<Self> = Ops {
        name: "rloop",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    let mut turns = memory.turns;
    while turns != 0 {
        memory.number = memory.number.rotate_left(5) ^ turns;
        turns = turns.wrapping_sub(1);
    }
    reno::ssthresh(sk, memory)
}
