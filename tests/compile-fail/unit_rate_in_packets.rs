// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a pacing rate in packets
// rustc: expected `BytesPerSec`, found `Packets`
// c: compiles; a connection at some bytes per second
// bpf loads: a connection at some bytes per second
// forced loads: a connection at some bytes per second

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
    #[cfg(right)]
    sk.set_sk_pacing_rate(BytesPerSec::UNLIMITED);
    #[cfg(not(any(right, forced)))]
    sk.set_sk_pacing_rate(sk.snd_cwnd().packets()); //~ wrong
    #[cfg(forced)]
    sk.set_sk_pacing_rate(BytesPerSec::new(sk.snd_cwnd().get().into()));
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
