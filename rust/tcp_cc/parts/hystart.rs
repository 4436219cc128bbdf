// SPDX-License-Identifier: GPL-2.0-only

//! HyStart: slow start that ends before it overshoots.
//!
//! It watches one round trip after the other, and finds the end of slow start in two ways: a train
//! of closely spaced ACKs has lasted as long as the path's delay, so that much is in flight; or the
//! shortest RTT of a round is well above the shortest ever, so that a queue has formed. (Ha and
//! Rhee, "Taming the Elephants: New TCP Slow Start", 2011, as
//! [`net/ipv4/tcp_cubic.c`](srctree/net/ipv4/tcp_cubic.c) by Sangtae Ha and Stephen Hemminger has
//! it, with its treatment of pacing and of TSO.)
//!
//! # Examples
//!
//! An algorithm keeps a [`HyStart`] in its state, calls [`HyStart::begin_round`] in `init` and
//! after a timeout, and in `pkts_acked`, in slow start,
//!
//! ```
//! use tcp_cc::{parts::hystart::{Config, HyStart}, prelude::*};
//!
//! fn sampled(sk: &mut Sock, hystart: &mut HyStart, rtt_us: u32, min_rtt_us: u32) {
//!     if hystart.update(sk, &Config::DEFAULT, rtt_us, min_rtt_us).is_any() {
//!         sk.set_snd_ssthresh(Ssthresh::clamped(sk.snd_cwnd()));
//!     }
//! }
//! ```

use crate::{
    div64_or,
    state,
    Micros32,
    SeqNo,
    Sock, //
};

/// The method that watches trains of ACKs, in [`Config::detect`].
pub const ACK_TRAIN: u32 = 0x1;

/// The method that watches the delay, in [`Config::detect`].
pub const DELAY: u32 = 0x2;

/// Delay samples to take before the delay of a round is judged.
const MIN_SAMPLES: u8 = 8;

/// Bounds of the growth in delay that ends slow start, in microseconds.
const DELAY_MIN: u32 = 4_000;
const DELAY_MAX: u32 = 16_000;

/// What may be tuned.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The methods in use: [`ACK_TRAIN`], [`DELAY`], both or none.
    pub detect: u32,
    /// Nothing is done in a window below this, in packets.
    pub low_window: u32,
    /// The longest gap between two ACKs of a train, in microseconds.
    pub ack_delta_us: i32,
}

impl Config {
    /// What CUBIC has if nobody says otherwise.
    pub const DEFAULT: Self = Self {
        detect: ACK_TRAIN | DELAY,
        low_window: 16,
        ack_delta_us: 2000,
    };
}

/// By which methods the end of slow start was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The train of ACKs is as long as the path's delay.
    pub by_ack_train: bool,
    /// The delay has grown.
    pub by_delay: bool,
}

impl Found {
    /// Whether it was found.
    #[inline]
    pub const fn is_any(self) -> bool {
        self.by_ack_train | self.by_delay
    }
}

state! {
    /// What HyStart remembers of a connection. Any bytes will do.
    pub struct HyStart {
        unused: u16,
        /// Delay samples taken in this round.
        pub sample_cnt: u8,
        /// Not 0 once the end of slow start was found.
        pub found: u8,
        /// When this round began.
        pub round_start: Micros32,
        /// The sequence number whose ACK ends this round.
        pub end_seq: SeqNo,
        /// When the last ACK of the train came.
        pub last_ack: Micros32,
        /// The shortest RTT of this round, in microseconds.
        pub curr_rtt: u32,
    }
}

impl HyStart {
    /// Begins a round.
    #[inline]
    pub fn begin_round(&mut self, sk: &Sock) {
        self.round_start = sk.tcp_mstamp().low();
        self.last_ack = self.round_start;
        self.end_seq = sk.snd_nxt();
        self.curr_rtt = u32::MAX;
        self.sample_cnt = 0;
    }

    /// Looks at an ACK in slow start, whose RTT was `delay`; the shortest of the connection is
    /// `delay_min`; both in microseconds.
    #[inline]
    pub fn update(&mut self, sk: &Sock, config: &Config, delay: u32, delay_min: u32) -> Found {
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
        if config.detect & ACK_TRAIN != 0 && self.ack_train_is_long(sk, config, delay_min) {
            self.found = 1;
            found.by_ack_train = true;
        }
        if config.detect & DELAY != 0 && self.delay_has_grown(delay, delay_min) {
            self.found = 1;
            found.by_delay = true;
        }
        found
    }

    /// Whether closely spaced ACKs have come for as long as the path's delay.
    #[inline]
    fn ack_train_is_long(&mut self, sk: &Sock, config: &Config, delay_min: u32) -> bool {
        let now = sk.tcp_mstamp().low();
        if now.since(self.last_ack).get() > config.ack_delta_us {
            return false;
        }
        self.last_ack = now;

        let threshold = delay_min.wrapping_add(ack_delay(sk));
        let train = now.since(self.round_start).get() as u32;
        // Pacing spreads the train over up to half an RTT more.
        if sk.is_paced() {
            train > threshold
        } else {
            train > threshold >> 1
        }
    }

    /// Whether this round's shortest RTT is well above the shortest ever.
    #[inline]
    fn delay_has_grown(&mut self, delay: u32, delay_min: u32) -> bool {
        self.curr_rtt = self.curr_rtt.min(delay);
        if self.sample_cnt < MIN_SAMPLES {
            self.sample_cnt = self.sample_cnt.wrapping_add(1);
            return false;
        }
        let threshold = (delay_min >> 3).clamp(DELAY_MIN, DELAY_MAX);
        self.curr_rtt > delay_min.wrapping_add(threshold)
    }
}

/// What TSO and GRO may add to a train, in microseconds: four of the largest packets at the pacing
/// rate (which is twice the rate of the path in slow start), but no more than a millisecond.
#[inline]
fn ack_delay(sk: &Sock) -> u32 {
    let rate = sk.sk_pacing_rate().get();
    // Before the size is read, which BPF would do in vain.
    if rate == 0 {
        return 0;
    }
    let bytes = u64::from(sk.sk_gso_max_size()) * 4 * 1_000_000;
    div64_or(bytes, rate, 0).min(1_000) as u32
}
