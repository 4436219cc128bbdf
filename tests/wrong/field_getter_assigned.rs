// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: assigning to a field that is only measured: `srtt_us`
// rustc: attempted to take value of method `srtt_us`
// c: compiles; the retransmission timer no longer fits the path
// bpf: no write support to tcp_sock at off

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::Classic(reno::cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        hooks: Hooks::NONE,
    };
}

fn ssthresh(sk: &mut Sock<'_>, _: &mut ()) -> Ssthresh {
    #[cfg(not(right))]
    {
        sk.srtt_us = 0; //~ wrong
    }
    Ssthresh::new(sk.snd_cwnd() / 2)
}
