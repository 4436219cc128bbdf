// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a parameter at an arbitrary address
// rustc: field `storage` of struct `Parameter` is private
// c: compiles: `.arg` is a `void *`
// no bpf: it has no module parameters

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
    let beta = Params::DECLARED.list[0];
    #[cfg(not(right))]
    let beta = tcp_cc::Parameter {
        storage: 0x1000 as *const _, //~ wrong
        ..beta
    };
    Ssthresh::clamped(sk.snd_cwnd() * beta.get() as u32 / 1024)
}
