// SPDX-License-Identifier: GPL-2.0-only

//! YeAH: Scalable while the queue is short, and Reno that empties the queue while it is not.
//!
//! Vegas' estimate of the queue is taken once in a round trip, and chooses between two modes:
//!
//! | mode | while                                                  | growth     | loss takes      |
//! |------|--------------------------------------------------------|------------|-----------------|
//! | fast | at most 80 packets, and an eighth of an RTT, in queue  | Scalable's | what queues     |
//! | slow | more                                                   | Reno's     | what queues     |
//! | slow | more, for 16 round trips                               | Reno's     | a half          |
//!
//! In the slow mode the packets that queue are taken out of the window, unless that makes it less
//! than `reno_count`: about the window that a Reno on the same path would have, so that the others
//! do not get all of it.
//!
//! The reference is [`net/ipv4/tcp_yeah.c`](srctree/net/ipv4/tcp_yeah.c) by Angelo P. Castellani,
//! after Baiocchi, Castellani and Vacirca, "YeAH-TCP: Yet Another Highspeed TCP", PFLDnet 2007. It
//! uses functions of Vegas, by Stephen Hemminger. Results are the same, bit for bit, wherever C is
//! defined. The differences:
//!
//! | input                                   | C                        | here                    |
//! |-----------------------------------------|--------------------------|-------------------------|
//! | an RTT of 0, which only other code sets | divides by it            | the quotient is 0       |
//! | a threshold of 1 is to be set           | sets it                  | sets 2                  |

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    parts::vegas::{
        Vegas,
        FEW_SAMPLES, //
    },
    prelude::*, //
};

/// More packets than this in the queue are taken out of it (`Q_max`).
const ALPHA: u32 = 80;

/// A queue is long if it adds more than this part of an RTT, as a divisor (`1 / phi`).
const PHY: u32 = 8;

/// The largest part of the window that is taken out in a round trip, as a shift.
const EPSILON: u32 = 1;

/// The least part that a loss takes, as a shift.
const DELTA: u32 = 3;

/// After so many round trips in the slow mode others are at work, that fill the queue (`rho`).
const RHO: u32 = 16;

/// After so many in the fast mode they have left.
const ZETA: u32 = 50;

/// Packets to acknowledge for each packet of growth in the fast mode.
const AI_CNT: Packets = Packets::new(100);

/// The largest window, with which all of the arithmetic fits.
const MAX_CWND: Packets = Packets::new(u32::MAX / 128);

state! {
    /// The state of a connection. The layout is that of C's `struct yeah`.
    pub struct Yeah {
        /// What Vegas measures.
        pub vegas: Vegas,
        /// Packets in the queue in the last round trip.
        pub last_q: u32,
        /// Round trips in the slow mode; 0 in the fast one.
        pub doing_reno_now: u32,
        /// The window that a Reno would have, in packets.
        pub reno_count: Wrapping32,
        /// Round trips in the fast mode.
        pub fast_count: Wrapping32,
    }
}

/// YeAH.
pub struct Ryeah;

impl CongestionControl for Ryeah {
    type State = Yeah;

    const OPS: Ops<Self> = Ops {
        name: "ryeah",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(init),
            set_state: Some(|sk, yeah, new_state| yeah.vegas.set_state(sk, new_state)),
            cwnd_event: Some(cwnd_event),
            cwnd_event_tx_start: Some(cwnd_event_tx_start),
            pkts_acked: Some(|_, yeah, sample| yeah.vegas.pkts_acked(sample)),
            get_info: Some(|_, yeah| yeah.vegas.info()),
            ..Optional::NONE
        },
    };
}

fn init(sk: &mut Sock<Init<Yeah>>) {
    let (sk, yeah) = sk.split();
    yeah.vegas.init(sk);
    yeah.doing_reno_now = 0;
    yeah.last_q = 0;
    yeah.reno_count = Wrapping32::new(2);
    let clamp = Cwnd::clamped(sk.snd_cwnd_clamp().min(MAX_CWND));
    sk.set_snd_cwnd_clamp(clamp);
}

/// Measures anew after a pause: the path may be another.
fn cwnd_event(sk: &mut Sock<Event<Yeah>>, event: CwndEvent) {
    if event == CwndEvent::CWND_RESTART {
        cwnd_event_tx_start(sk);
    }
}

fn cwnd_event_tx_start(sk: &mut Sock<Event<Yeah>>) {
    let (sk, yeah) = sk.split();
    yeah.vegas.init(sk);
}

fn cong_avoid(sk: &mut Sock, yeah: &mut Yeah, ack: SeqNo, acked: Acked) {
    if !sk.is_cwnd_limited() {
        return;
    }
    let in_slow_start = sk.in_slow_start();
    let left = sk.slow_start(acked);
    if !(in_slow_start && left.is_zero()) {
        let cwnd = sk.snd_cwnd().packets();
        let is_slow = yeah.doing_reno_now != 0;
        sk.cong_avoid_ai(if is_slow { cwnd } else { cwnd.min(AI_CNT) }, left);
    }
    if ack.after(yeah.vegas.beg_snd_nxt) {
        cold_call(move || yeah.end_round(sk));
    }
}

/// Takes what queues, between an eighth and a half of the window; or a half of it, beside others
/// that would take the room.
fn ssthresh(sk: &mut Sock, yeah: &mut Yeah) -> Ssthresh {
    let cwnd = sk.snd_cwnd();
    let half = (cwnd >> 1).max(Packets::new(2));
    let reduction = if yeah.doing_reno_now < RHO {
        Packets::new(yeah.last_q).min(half).max(cwnd >> DELTA)
    } else {
        half
    };
    yeah.fast_count = Wrapping32::ZERO;
    yeah.reno_count = (yeah.reno_count >> 1).max(Wrapping32::new(2));
    Ssthresh::clamped(cwnd.saturating_sub(reduction))
}

impl Yeah {
    /// Ends a round trip, and begins the next.
    fn end_round(&mut self, sk: &mut Sock) {
        if self.vegas.cnt_rtt > FEW_SAMPLES {
            self.choose_mode(sk);
        }
        self.vegas.beg_snd_una = self.vegas.beg_snd_nxt;
        self.vegas.beg_snd_nxt = sk.snd_nxt();
        self.vegas.beg_snd_cwnd = sk.snd_cwnd().get();
        self.vegas.begin_round();
    }

    /// Chooses the mode of the next round trip by the queue of the last, and takes packets out of a
    /// long one.
    fn choose_mode(&mut self, sk: &mut Sock) {
        let (rtt, base_rtt) = (self.vegas.min_rtt, self.vegas.base_rtt);
        let cwnd = sk.snd_cwnd();
        let delay = rtt - base_rtt;
        let queue = u64::from(cwnd.get()).wrapping_mul(delay.get().into());
        let queue = div64_or(queue, rtt.get().into(), 0) as u32;

        if queue > ALPHA || delay > base_rtt / PHY {
            if queue > ALPHA && Wrapping32::from(cwnd) > self.reno_count {
                let reduction = Packets::new(queue).min(cwnd >> EPSILON);
                let left = (cwnd - reduction).max(Packets::from(self.reno_count));
                sk.set_snd_cwnd(Cwnd::clamped(left));
                sk.set_snd_ssthresh(Ssthresh::clamped(left));
            }
            if self.reno_count <= 2 {
                let half = Wrapping32::from(sk.snd_cwnd() >> 1);
                self.reno_count = half.max(Wrapping32::new(2));
            } else {
                self.reno_count += 1;
            }
            self.doing_reno_now = self.doing_reno_now.wrapping_add(1).min(0xff_ffff);
        } else {
            self.fast_count += 1;
            if self.fast_count > ZETA {
                self.reno_count = Wrapping32::new(2);
                self.fast_count = Wrapping32::ZERO;
            }
            self.doing_reno_now = 0;
        }
        self.last_q = queue;
    }
}
