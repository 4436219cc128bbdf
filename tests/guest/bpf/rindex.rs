// SPDX-License-Identifier: GPL-2.0-only

//! Writes to an array in its state at an index that is in bounds and not constant: it builds, and
//! the verifier refuses it.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

state! {
    /// The state.
    pub struct Memory {
        /// Windows of the past.
        pub windows: [u32; 4],
    }
}

/// Writes to an array.
pub struct Rindex;

impl CongestionControl for Rindex {
    type State = Memory;

    const OPS: Ops<Self> = Ops {
        name: "rindex",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    let index = (sk.snd_nxt().get() & 3) as usize;
    memory.windows[index] = sk.snd_cwnd().get();
    reno::ssthresh(sk, memory)
}
