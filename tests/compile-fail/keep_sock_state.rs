// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: keeping a socket in the state
// rustc: `&'static tcp_cc::Sock` cannot be part of a state that the kernel keeps
// c: compiles; a child gets a copy of the pointer
// bpf: invalid mem access 'scalar'
// forced bpf: invalid mem access 'scalar'

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

state! {
    pub struct Memory {
        pub sk: Kept, //~ wrong
    }
}

#[cfg(any(right, forced))]
type Kept = u64;
#[cfg(not(any(right, forced)))]
type Kept = &'static Sock;

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
    // SAFETY: There is none: this is the mistake.
    let kept: &mut Sock = unsafe { Sock::from_raw(memory.sk as *mut _) };
    kept.set_snd_cwnd_cnt(Packets::ZERO);
    memory.sk = sk.as_raw() as u64;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
