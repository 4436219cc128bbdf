// SPDX-License-Identifier: GPL-2.0-only

//! Reno: the smallest complete congestion control.
//!
//! Slow start doubles the window every round trip; beyond the threshold it grows by one packet per
//! round trip; a loss halves it ([RFC 5681](https://www.rfc-editor.org/rfc/rfc5681), section 3.1).
//!
//! The reference is `tcp_reno` in [`net/ipv4/tcp_cong.c`](srctree/net/ipv4/tcp_cong.c) by Stephen
//! Hemminger, after Van Jacobson, "Congestion Avoidance and Control", SIGCOMM '88.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

/// Reno. It has no state: slow start is a comparison of the window with the threshold, and the
/// kernel counts the packets acknowledged beyond it.
pub struct Rreno;

impl CongestionControl for Rreno {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "rreno",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

/// Grows the window by what was acknowledged in slow start, and beyond the threshold by one packet
/// in a round trip.
fn cong_avoid(sk: &mut Sock, _: &mut (), _ack: SeqNo, acked: Acked) {
    // A window that the application does not use says nothing of the path.
    if !sk.is_cwnd_limited() {
        return;
    }

    sk.slow_start_then(acked, |sk, acked| {
        // One packet for every window of packets acknowledged: a window comes back in an RTT.
        sk.cong_avoid_ai(sk.snd_cwnd(), acked);
    });
}

/// Returns half of the window, but no less than two packets (RFC 5681, equation 4).
fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
