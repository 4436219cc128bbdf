// SPDX-License-Identifier: GPL-2.0-only

//! Reno that acknowledges whenever it may, and counts how often that leads back to it.

#![forbid(unsafe_code)]

use tcp_cc::{
    prelude::*,
    DctcpInfo, //
};

state! {
    /// Counts.
    struct Counts {
        /// ACKs sent.
        acks: u32,
        /// Calls of `ssthresh`.
        reductions: u32,
        /// Those while an ACK was being sent.
        nested: u32,
    }
}

/// The algorithm.
struct Racks;

impl CongestionControl for Racks {
    type State = Counts;

    const OPS: Ops<Self> = Ops {
        name: "racks",
        flags: Flags::NON_RESTRICTED,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: |sk, ca| {
            ca.reductions = ca.reductions.wrapping_add(1);
            reno::ssthresh(sk, ca)
        },
        undo_cwnd: reno::undo_cwnd,
        hooks: Hooks {
            cwnd_event: Some(|sk, _| acknowledge(sk)),
            in_ack_event: Some(|sk, _| acknowledge(sk)),
            get_info: Some(|_, ca| {
                Info::Dctcp(DctcpInfo {
                    enabled: true,
                    ce_state: 0,
                    alpha: ca.acks,
                    ab_ecn: ca.nested,
                    ab_tot: ca.reductions,
                })
            }),
            ..Hooks::NONE
        },
    };
}

/// Sends two ACKs, of which the second finds the first in the queue, and sees what came of that.
fn acknowledge(sk: &mut Sock<Event<Counts>>) {
    let before = sk.state().reductions;
    for _ in 0..2 {
        sk.send_ack(sk.rcv_nxt());
    }
    let ca = sk.state_mut();
    ca.acks = ca.acks.wrapping_add(2);
    ca.nested = ca.nested.wrapping_add(ca.reductions.wrapping_sub(before));
}

ferrops::module_tcp_congestion_ops! {
    algorithm: Racks,
    name: "tcp_racks",
    authors: ["The ferrops authors"],
    description: "Acknowledges whenever it may",
    license: "GPL",
}
