// SPDX-License-Identifier: GPL-2.0-only

//! HyStart: slow start that ends before it overshoots.
//!
//! Slow start doubles the window in a round trip, so when a loss ends it, half of the packets in
//! flight may be lost. HyStart watches each round trip and ends slow start in one of two ways:
//!
//! - ACK train: the bottleneck spaces the packets of a burst, and so their ACKs. A train of closely
//!   spaced ACKs that lasts as long as the path's one-way delay stands for a burst that fills the
//!   path.
//! - Delay: the shortest RTT of a round is well above the shortest ever, so a queue has formed.
//!   [RFC 9406](https://www.rfc-editor.org/rfc/rfc9406) (HyStart++) has this method, with the same
//!   constants. It goes on in a conservative slow start, which is not here.
//!
//! The reference is [`net/ipv4/tcp_cubic.c`](srctree/net/ipv4/tcp_cubic.c) by Sangtae Ha and
//! Stephen Hemminger, with its treatment of pacing and of TSO, after Ha and Rhee, "Taming the
//! Elephants: New TCP Slow Start", 2011.
//!
//! # Examples
//!
//! An algorithm keeps a [`HyStart`] in its state, calls [`HyStart::begin_round`] in `init` and
//! after a timeout, and in `pkts_acked`, in slow start,
//!
//! ```
//! use tcp_cc::{parts::hystart::{Config, HyStart, Rtt}, prelude::*};
//!
//! fn sampled(sk: &mut Sock, hystart: &mut HyStart, rtt: Rtt) {
//!     if hystart.update(sk, &Config::DEFAULT, rtt).is_any() {
//!         sk.set_snd_ssthresh(Ssthresh::clamped(sk.snd_cwnd()));
//!     }
//! }
//! ```

use crate::{
    div64_or,
    state,
    Micros32,
    SeqNo,
    Sock,
    Usecs,
    Usecs32, //
};

/// The ACK train method, in [`Config::detect`].
pub const ACK_TRAIN: u32 = 0x1;

/// The delay method, in [`Config::detect`].
pub const DELAY: u32 = 0x2;

/// Delay samples of a round whose minimum is taken before it is judged: a single one may be late
/// for other reasons, such as a delayed ACK (`N_RTT_SAMPLE` in RFC 9406, section 4.3).
const MIN_SAMPLES: u8 = 8;

/// The least growth in delay that ends slow start. Less is within the noise of timers and
/// interrupts (`MIN_RTT_THRESH` in RFC 9406, section 4.3).
const DELAY_MIN: Usecs32 = Usecs32::new(4_000);

/// The growth in delay that ends slow start on any path, so that the queue of a long one is
/// bounded, too (`MAX_RTT_THRESH`).
const DELAY_MAX: Usecs32 = Usecs32::new(16_000);

/// The tunables.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The methods in use: [`ACK_TRAIN`], [`DELAY`], both or none.
    pub detect: u32,
    /// The window from which on slow start may end, in packets. In a smaller one a train has too
    /// few ACKs to say anything, and little is lost.
    pub low_window: u32,
    /// The longest gap between two ACKs of a train. After a longer one the ACKs are those of
    /// another burst.
    pub ack_delta: Usecs,
}

impl Config {
    /// CUBIC's defaults.
    pub const DEFAULT: Self = Self {
        detect: ACK_TRAIN | DELAY,
        low_window: 16,
        ack_delta: Usecs::new(2000),
    };
}

/// What an ACK says of the path's delay.
#[derive(Clone, Copy, Debug)]
pub struct Rtt {
    /// The RTT of this ACK.
    pub latest: Usecs32,
    /// The shortest RTT of the connection.
    pub min: Usecs32,
}

/// The methods that found the end of slow start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The train of ACKs is as long as the path's delay.
    pub by_ack_train: bool,
    /// The delay has grown.
    pub by_delay: bool,
}

impl Found {
    /// Returns whether slow start should end.
    #[inline]
    pub const fn is_any(self) -> bool {
        self.by_ack_train | self.by_delay
    }
}

state! {
    /// The state of HyStart in a connection. Any bytes are valid.
    pub struct HyStart {
        unused: u16,
        /// Delay samples taken in this round.
        pub sample_cnt: u8,
        /// Not 0 once the end of slow start was found.
        pub found: u8,
        /// The start of this round.
        pub round_start: Micros32,
        /// The sequence number whose ACK ends this round.
        pub end_seq: SeqNo,
        /// The arrival of the last ACK of the train.
        pub last_ack: Micros32,
        /// The shortest RTT of this round.
        pub curr_rtt: Usecs32,
    }
}

impl HyStart {
    /// Begins a round, which ends when all that was sent until now is acknowledged.
    #[inline]
    pub fn begin_round(&mut self, sk: &Sock) {
        self.round_start = sk.tcp_mstamp().low();
        self.last_ack = self.round_start;
        self.end_seq = sk.snd_nxt();
        self.curr_rtt = Usecs32::new(u32::MAX);
        self.sample_cnt = 0;
    }

    /// Processes an ACK in slow start, and returns the methods by which slow start should end now.
    #[inline]
    pub fn update(&mut self, sk: &Sock, config: &Config, rtt: Rtt) -> Found {
        let mut found = Found {
            by_ack_train: false,
            by_delay: false,
        };
        if sk.snd_una().after(self.end_seq) {
            self.begin_round(sk);
        }
        if sk.snd_cwnd().get() < config.low_window {
            return found;
        }
        if config.detect & ACK_TRAIN != 0 && self.ack_train_is_long(sk, config, rtt.min) {
            self.found = 1;
            found.by_ack_train = true;
        }
        if config.detect & DELAY != 0 && self.delay_has_grown(rtt) {
            self.found = 1;
            found.by_delay = true;
        }
        found
    }

    /// Returns whether closely spaced ACKs have come for as long as the path's delay.
    #[inline]
    fn ack_train_is_long(&mut self, sk: &Sock, config: &Config, min_rtt: Usecs32) -> bool {
        let now = sk.tcp_mstamp().low();
        if now.since(self.last_ack) > config.ack_delta {
            return false;
        }
        self.last_ack = now;

        let threshold = min_rtt + ack_delay(sk);
        let train = Usecs32::new(now.since(self.round_start).get() as u32);
        // Half an RTT is about the one-way delay. A paced sender spreads the packets of a round
        // over half an RTT by itself, since it paces at twice the rate of the window in slow start
        // (`tcp_pacing_ss_ratio`), so that much of the train says nothing of the path.
        if sk.is_paced() {
            train > threshold
        } else {
            train > threshold >> 1
        }
    }

    /// Returns whether this round's shortest RTT is well above the shortest ever: by an eighth,
    /// within bounds (RFC 9406, section 4.2).
    #[inline]
    fn delay_has_grown(&mut self, rtt: Rtt) -> bool {
        self.curr_rtt = self.curr_rtt.min(rtt.latest);
        if self.sample_cnt < MIN_SAMPLES {
            self.sample_cnt = self.sample_cnt.wrapping_add(1);
            return false;
        }
        let threshold = (rtt.min >> 3).clamp(DELAY_MIN, DELAY_MAX);
        self.curr_rtt > rtt.min + threshold
    }
}

/// Returns the time that TSO and GRO may add to a train.
///
/// Slow start begins with small TSO packets. They become larger with the rate, and it takes longer
/// to send one and to collect it at the receiver, which is not in the shortest RTT and is no queue.
/// Without a cushion short paths would leave slow start with too small a window. There is room for
/// two of the largest packets, one under way and one in the queueing discipline. That makes four,
/// since the pacing rate is twice the rate of the path now. More than a millisecond would hide a
/// real queue on a slow path.
#[inline]
fn ack_delay(sk: &Sock) -> Usecs32 {
    let rate = sk.sk_pacing_rate().get();
    // Before the size is read, which BPF would do in vain.
    if rate == 0 {
        return Usecs32::ZERO;
    }
    let bytes = u64::from(sk.sk_gso_max_size().get()) * 4 * 1_000_000;
    Usecs32::new(div64_or(bytes, rate, 0).min(1_000) as u32)
}
