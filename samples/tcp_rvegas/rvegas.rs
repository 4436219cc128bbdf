// SPDX-License-Identifier: GPL-2.0-only

//! Vegas: keeps a few packets in the queue of the path, and so needs no loss.
//!
//! In a path without a queue an RTT takes `base_rtt`. What it takes beyond that is time in a queue,
//! so `diff = cwnd * (rtt - base_rtt) / base_rtt` packets of the window wait there. Once in a round
//! trip that is compared with what the connection may have there:
//!
//! | phase                | packets in the queue   | window                                   |
//! |----------------------|------------------------|------------------------------------------|
//! | slow start           | more than `gamma`      | what fits without a queue, and one more  |
//! | slow start           | less                   | grows, as Reno's                         |
//! | congestion avoidance | less than `alpha`      | one more                                 |
//! | congestion avoidance | `alpha` to `beta`      | stays                                    |
//! | congestion avoidance | more than `beta`       | one less                                 |
//!
//! After a loss, a timeout or a pause it is Reno, until a round trip was measured.
//!
//! The reference is [`net/ipv4/tcp_vegas.c`](srctree/net/ipv4/tcp_vegas.c) by Stephen Hemminger,
//! after Brakmo and Peterson, "TCP Vegas: End to End Congestion Avoidance on a Global Internet",
//! IEEE JSAC, 1995. As there, slow start grows in every round trip and not in every other one, and
//! losses are the kernel's. Results are the same, bit for bit, wherever C is defined. The
//! differences:
//!
//! | input                                   | C                        | here                    |
//! |-----------------------------------------|--------------------------|-------------------------|
//! | an RTT of 0, which only other code sets | divides by it            | the quotient is 0       |
//! | a threshold of 1 is to be set           | sets it                  | sets 2                  |
//! | a parameter below 0                     | an unsigned number       | refused (`EINVAL`)      |

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    parts::vegas::{
        Vegas,
        FEW_SAMPLES, //
    },
    prelude::*, //
};

parameters! {
    /// The parameters of C, under its names.
    pub struct Params {
        /// lower bound of packets in network
        writable alpha: u32 = 2, 0..=i32::MAX as u32;
        /// upper bound of packets in network
        writable beta: u32 = 4, 0..=i32::MAX as u32;
        /// limit on increase (scale by 2)
        writable gamma: u32 = 1, 0..=i32::MAX as u32;
    }
}

/// Vegas.
pub struct Rvegas;

impl CongestionControl for Rvegas {
    type State = Vegas;

    const OPS: Ops<Self> = Ops {
        name: "rvegas",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(init),
            set_state: Some(|sk, vegas, new_state| vegas.set_state(sk, new_state)),
            cwnd_event: Some(cwnd_event),
            cwnd_event_tx_start: Some(cwnd_event_tx_start),
            pkts_acked: Some(|_, vegas, sample| vegas.pkts_acked(sample)),
            get_info: Some(|_, vegas| vegas.info()),
            ..Optional::NONE
        },
    };

    const PARAMETERS: Parameters = Params::DECLARED;
}

fn init(sk: &mut Sock<Init<Vegas>>) {
    let (sk, vegas) = sk.split();
    vegas.init(sk);
}

/// Begins again after a pause: the path may be another.
fn cwnd_event(sk: &mut Sock<Event<Vegas>>, event: CwndEvent) {
    if event == CwndEvent::CWND_RESTART {
        cwnd_event_tx_start(sk);
    }
}

fn cwnd_event_tx_start(sk: &mut Sock<Event<Vegas>>) {
    let (sk, vegas) = sk.split();
    vegas.init(sk);
}

fn cong_avoid(sk: &mut Sock, vegas: &mut Vegas, ack: SeqNo, acked: Acked) {
    if vegas.doing_vegas_now == 0 {
        return reno::cong_avoid(sk, vegas, ack, acked);
    }
    if !ack.after(vegas.beg_snd_nxt) {
        // Within a round trip only slow start grows.
        sk.slow_start(acked);
        return;
    }
    vegas.beg_snd_nxt = sk.snd_nxt();
    if vegas.cnt_rtt <= FEW_SAMPLES {
        reno::cong_avoid(sk, vegas, ack, acked);
    } else {
        adjust(sk, vegas, acked);
    }
    vegas.begin_round();
}

/// Adjusts the window to the queue of the last round trip.
fn adjust(sk: &mut Sock, vegas: &Vegas, acked: Acked) {
    let (rtt, base_rtt) = (vegas.min_rtt, vegas.base_rtt);
    let cwnd = Wrapping32::from(sk.snd_cwnd());
    let diff = cwnd * Wrapping32::from(rtt - base_rtt) / Wrapping32::from(base_rtt);

    if !sk.in_slow_start() {
        if diff > Params::beta() {
            sk.set_snd_cwnd(Cwnd::clamped(Packets::from(cwnd - 1)));
            lower_ssthresh(sk);
        } else if diff < Params::alpha() {
            sk.set_snd_cwnd(Cwnd::clamped(Packets::from(cwnd + 1)));
        }
    } else if diff > Params::gamma() {
        // The window that the rate of the last round trip would fill without a queue. What the
        // division cuts off would be missing on the path, hence one more.
        let fitting = u64::from(cwnd.get()).wrapping_mul(base_rtt.get().into());
        let fitting = div64_or(fitting, rtt.get().into(), 0) as u32;
        let one_more = Packets::new(fitting) + Packets::new(1);
        sk.set_snd_cwnd(Cwnd::clamped(one_more.min(sk.snd_cwnd().packets())));
        lower_ssthresh(sk);
    } else {
        sk.slow_start(acked);
    }

    let (cwnd, clamp) = (sk.snd_cwnd(), sk.snd_cwnd_clamp());
    if cwnd < Packets::new(2) {
        sk.set_snd_cwnd(Cwnd::clamped(Packets::new(2)));
    } else if cwnd > clamp {
        sk.set_snd_cwnd(Cwnd::clamped(clamp));
    }
    sk.set_snd_ssthresh(sk.current_ssthresh());
}

/// Takes the threshold down to the window, which ends slow start.
fn lower_ssthresh(sk: &mut Sock) {
    let ssthresh = sk.snd_ssthresh().packets().min(sk.snd_cwnd().packets());
    sk.set_snd_ssthresh(Ssthresh::clamped(ssthresh));
}
