// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an algorithm that writes to its parameter
// rustc: no function or associated item named `set_beta` found
// c: compiles; it changes for all sockets, and `/sys/module` is wrong
// bpf: write into map forbidden

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
    #[cfg(right)]
    let _ = Params::beta();
    #[cfg(not(right))]
    Params::set_beta(512); //~ wrong
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
