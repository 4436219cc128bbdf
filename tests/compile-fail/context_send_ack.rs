// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: sending an ACK in the wrong callback
// rustc: no method named `send_ack` found
// c: compiles; calls back into TCP in the middle of a loss
// bpf loads: calls back into TCP in the middle of a loss
// forced loads: calls back into TCP in the middle of a loss

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
    #[cfg(not(any(right, forced)))]
    sk.send_ack(sk.rcv_nxt()); //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe { Sock::<Event<()>>::from_raw(sk.as_raw()) }.send_ack(sk.rcv_nxt());
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
