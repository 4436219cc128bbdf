// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an `enum` in the state
// rustc: `Phase` cannot be part of a state that the kernel keeps
// c: compiles; a `switch` over it may jump anywhere
// bpf loads: no `case` fits
// forced loads: an invalid value takes an arbitrary arm

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

#[derive(Clone, Copy)]
pub enum Phase {
    SlowStart,
    Avoidance,
}

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
type Value = Phase;

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
    Ssthresh::clamped(match memory.value {
        Phase::SlowStart => sk.snd_cwnd() / 2,
        Phase::Avoidance => sk.snd_cwnd() / 4,
    })
}
