// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: constructing a `Cwnd` without its check
// rustc: cannot initialize a tuple struct which contains private fields
// c: there is no such type to forge
// no bpf: there is no such type to forge

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

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
    sk.set_snd_cwnd(Cwnd(0)); //~ wrong
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
