// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: comparing sequence numbers with `>`
// rustc: binary operation `>` cannot be applied to type `tcp_cc::SeqNo`
// c: compiles; wrong once every 4 GiB
// bpf loads: wrong once every 4 GiB
// forced loads: wrong once every 4 GiB

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn cong_avoid(sk: &mut Sock, memory: &mut (), ack: SeqNo, acked: Acked) {
    #[cfg(right)]
    let is_old = sk.snd_una().after(ack);
    #[cfg(not(any(right, forced)))]
    let is_old = sk.snd_una() > ack; //~ wrong
    #[cfg(forced)]
    let is_old = sk.snd_una().get() > ack.get();
    if !is_old {
        reno::cong_avoid(sk, memory, ack, acked);
    }
}
