// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: keeping the state borrowed while an ACK is sent, which `ssthresh` may change
// rustc: cannot borrow `*sk` as mutable more than once at a time
// c: compiles; with a cached value, a reduction in between is lost
// no bpf: it reads the state again after each call

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

state! {
    pub struct Counts {
        /// Reductions: counted in `ssthresh`.
        pub reductions: u32,
        /// Those while an ACK was being sent.
        pub nested: u32,
    }
}

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = Counts;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: |sk, ca| {
            ca.reductions = ca.reductions.wrapping_add(1);
            Ssthresh::clamped(sk.snd_cwnd() / 2)
        },
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            cwnd_event: Some(cwnd_event),
            ..Optional::NONE
        },
    };
}

fn cwnd_event(sk: &mut Sock<Event<Counts>>, _: CwndEvent) {
    let rcv_nxt = sk.rcv_nxt();
    #[cfg(right)]
    {
        let before = sk.state().reductions;
        sk.send_ack(rcv_nxt);
        let ca = sk.state_mut();
        ca.nested = ca.reductions.wrapping_sub(before);
    }
    #[cfg(not(right))]
    {
        let ca = sk.state_mut();
        let before = ca.reductions;
        sk.send_ack(rcv_nxt); //~ wrong
        ca.nested = ca.reductions.wrapping_sub(before);
    }
}
