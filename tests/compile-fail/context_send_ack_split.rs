// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: sending an ACK through the socket that is borrowed beside the state
// rustc: no method named `send_ack` found for mutable reference `&mut tcp_cc::Sock<Reroute>`
// c: compiles; `ssthresh` changes the state in the middle
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
    sk.send_ack(rcv_nxt);
    let (sk, ca) = sk.split();
    #[cfg(not(right))]
    sk.send_ack(rcv_nxt); //~ wrong
    ca.nested = sk.snd_cwnd().get();
}
