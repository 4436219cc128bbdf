// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an algorithm that writes to its parameter through the declaration
// caught: nothing, since tests set parameters this way; it stays within its bounds
// c: compiles; it changes for all sockets, possibly out of bounds
// no bpf: refused, as above
// forced loads: it changes for all sockets, within its bounds

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

parameters! {
    pub struct Params {
        /// multiplicative decrease, in 1/1024
        writable beta: u32 = 717, 1..=1023;
    }
}

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const PARAMETERS: tcp_cc::Parameters = Params::DECLARED;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(not(right))]
    Params::DECLARED.list[0].set(512);
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
