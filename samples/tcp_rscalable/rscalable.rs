// SPDX-License-Identifier: GPL-2.0-only

//! Scalable: the time that a loss costs does not depend on the window.
//!
//! Reno grows by a packet in a round trip, so the larger the window, the longer it takes to make up
//! for a half of it. Here a window of more than 100 packets grows by 1 % in a round trip, and a
//! loss takes an eighth: it is made up for in some 13 round trips, whatever the window is.
//!
//! The reference is [`net/ipv4/tcp_scalable.c`](srctree/net/ipv4/tcp_scalable.c) by John Heffner,
//! after Kelly, "Scalable TCP: Improving Performance in Highspeed Wide Area Networks", ACM CCR,
//! 2003. Results are the same, bit for bit.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

/// Packets to acknowledge for each packet of growth: the inverse of the paper's `a` of 0.01.
const AI_CNT: Packets = Packets::new(100);

/// The part of the window that a loss takes, as a shift: the paper's `b` of 1/8.
const MD_SHIFT: u32 = 3;

/// Scalable.
pub struct Rscalable;

impl CongestionControl for Rscalable {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "rscalable",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

/// Grows as Reno up to 100 packets, and by 1 % in a round trip from there.
fn cong_avoid(sk: &mut Sock, _: &mut (), _ack: SeqNo, acked: Acked) {
    if sk.is_cwnd_limited() {
        sk.slow_start_then(acked, |sk, acked| {
            sk.cong_avoid_ai(sk.snd_cwnd().packets().min(AI_CNT), acked);
        });
    }
}

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    let cwnd = sk.snd_cwnd();
    Ssthresh::clamped(cwnd - (cwnd >> MD_SHIFT))
}
