// SPDX-License-Identifier: GPL-2.0-only

//! BIC: binary increase.
//!
//! After a loss the window searches for the one at which it happened: far below it grows linearly,
//! then it halves the distance every round trip, and beyond it the same happens in reverse.
//!
//! Xu, Harfoush and Rhee, "Binary Increase Congestion Control for Fast, Long Distance Networks",
//! INFOCOM 2004. The twin of [`net/ipv4/tcp_bic.c`](srctree/net/ipv4/tcp_bic.c) by Stephen
//! Hemminger. It decides as the twin does, bit for bit, wherever the twin is defined; where the
//! twin divides by zero (a `delayed_ack` of 0, which its own code never makes, or a `max_increment`
//! of 0), this grows by one packet for each that is acknowledged, or refuses the parameter. An
//! `initial_ssthresh` of 1 is 2 here.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

/// Denominator of [`Params::beta`].
const BETA_SCALE: u32 = 1024;

/// The binary search goes a quarter of the distance at a time.
const BICTCP_B: u32 = 4;

/// `delayed_ack` is in 1/16.
const ACK_RATIO_SHIFT: u32 = 4;

parameters! {
    /// The parameters of the twin, under its names.
    ///
    /// The twin takes any `int`, and divides by a `max_increment` of 0; that is refused here.
    pub struct Params {
        /// turn on/off fast convergence
        writable fast_convergence: i32 = 1, 0..=1;
        /// largest growth per round trip during the search, in packets
        writable max_increment: i32 = 16, 1..=1_000_000;
        /// window up to which it behaves as Reno, in packets
        writable low_window: i32 = 14, 0..=i32::MAX;
        /// beta for multiplicative decrease, in 1/1024
        writable beta: i32 = 819, 0..=1024;
        /// initial value of slow start threshold, in packets; 0 for none
        writable initial_ssthresh: i32 = 0, 0..=i32::MAX;
        /// round trips for the last four packets up to the window of the loss
        writable smooth_part: i32 = 20, 0..=1_000_000;
    }
}

state! {
    /// What BIC remembers of a connection. The layout is that of `struct bictcp`.
    pub struct Bictcp {
        /// Grow by one packet for this many packets acknowledged.
        pub cnt: u32,
        /// The window at the last loss, in packets.
        pub last_max_cwnd: u32,
        /// The window that `cnt` was computed for, in packets.
        pub last_cwnd: u32,
        /// When `cnt` was computed.
        pub last_time: Jiffies32,
        /// When the epoch began: the first growth after a loss; 0 for no epoch.
        pub epoch_start: Jiffies32,
        /// How many packets an ACK acknowledges on average, in 1/16.
        pub delayed_ack: u32,
    }
}

/// BIC.
pub struct Rbic;

impl CongestionControl for Rbic {
    type State = Bictcp;

    const OPS: Ops<Self> = Ops {
        name: "rbic",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh: recalc_ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(init),
            set_state: Some(set_state),
            pkts_acked: Some(pkts_acked),
            ..Optional::NONE
        },
    };

    const PARAMETERS: Parameters = Params::DECLARED;
}

fn init(sk: &mut Sock<Init<Bictcp>>) {
    let (sk, ca) = sk.split();
    ca.reset();
    let initial_ssthresh = Params::initial_ssthresh();
    if initial_ssthresh != 0 {
        sk.set_snd_ssthresh(Ssthresh::clamped(Packets::new(initial_ssthresh as u32)));
    }
}

fn cong_avoid(sk: &mut Sock, ca: &mut Bictcp, _ack: SeqNo, mut acked: Acked) {
    if !sk.is_cwnd_limited() {
        return;
    }
    if sk.in_slow_start() {
        acked = sk.slow_start(acked);
        if acked.is_zero() {
            return;
        }
    }
    let cnt = ca.update(sk.snd_cwnd().get());
    sk.cong_avoid_ai(Packets::new(cnt), acked);
}

fn recalc_ssthresh(sk: &mut Sock, ca: &mut Bictcp) -> Ssthresh {
    let cwnd = sk.snd_cwnd();
    if cwnd.get() <= Params::low_window() as u32 {
        return cold_call(move || {
            ca.end_epoch(cwnd.get());
            Ssthresh::clamped(cwnd / 2)
        });
    }
    ca.end_epoch(cwnd.get());
    Ssthresh::clamped(cwnd * Params::beta() as u32 / BETA_SCALE)
}

fn set_state(_: &mut Sock, ca: &mut Bictcp, new_state: CaState) {
    if new_state == CaState::LOSS {
        ca.reset();
    }
}

/// Follows how many packets an ACK acknowledges: a sixteenth of the new, the rest of the old.
fn pkts_acked(sk: &mut Sock, ca: &mut Bictcp, sample: &AckSample) {
    if sk.ca_state() == CaState::OPEN {
        let forgotten = ca.delayed_ack >> ACK_RATIO_SHIFT;
        let grown = sample.pkts_acked().get().wrapping_sub(forgotten);
        ca.delayed_ack = ca.delayed_ack.wrapping_add(grown);
    }
}

impl Bictcp {
    /// Forgets everything.
    fn reset(&mut self) {
        *self = Self {
            cnt: 0,
            last_max_cwnd: 0,
            last_cwnd: 0,
            last_time: Jiffies32::ZERO,
            epoch_start: Jiffies32::ZERO,
            delayed_ack: 2 << ACK_RATIO_SHIFT,
        };
    }

    /// A loss, with a window of `cwnd` packets.
    fn end_epoch(&mut self, cwnd: u32) {
        self.epoch_start = Jiffies32::ZERO;
        self.last_max_cwnd = if cwnd < self.last_max_cwnd && Params::fast_convergence() != 0 {
            // Release bandwidth when the window shrinks from one loss to the next.
            let beta = Params::beta() as u32;
            cwnd.wrapping_mul(BETA_SCALE.wrapping_add(beta)) / (2 * BETA_SCALE)
        } else {
            cwnd
        };
    }

    /// Computes `cnt` for a window of `cwnd` packets, and returns it.
    fn update(&mut self, cwnd: u32) -> u32 {
        let now = Jiffies32::now();
        if self.last_cwnd == cwnd && now.since(self.last_time) <= Ticks::new(hz() as i32) / 32 {
            return self.cnt;
        }
        self.last_cwnd = cwnd;
        self.last_time = now;
        if self.epoch_start.is_zero() {
            self.epoch_start = now;
        }

        if cwnd <= Params::low_window() as u32 {
            // As Reno; the ACKs are not counted.
            self.cnt = cwnd;
            return cwnd;
        }

        let mut cnt = self.search(cwnd);
        // Without a loss the available bandwidth is unknown: at least 5 % in a round trip.
        if self.last_max_cwnd == 0 {
            cnt = cnt.min(20);
        }
        // At least 1. That the divisor is not 0 follows from the one comparison, too.
        let acks = cnt << ACK_RATIO_SHIFT;
        cnt = if self.delayed_ack.wrapping_sub(1) < acks {
            div_or(acks, self.delayed_ack, 1)
        } else {
            1
        };
        self.cnt = cnt;
        cnt
    }

    /// How many packets acknowledged are worth one, by the distance to the window of the last loss.
    fn search(&self, cwnd: u32) -> u32 {
        let max_increment = Params::max_increment() as u32;
        let linear = || div_or(cwnd, max_increment.max(1), cwnd);
        let smooth = || cwnd.wrapping_mul(Params::smooth_part() as u32) / BICTCP_B;

        if cwnd < self.last_max_cwnd {
            let distance = self.last_max_cwnd.wrapping_sub(cwnd) / BICTCP_B;
            if distance > max_increment {
                linear()
            } else if distance <= 1 {
                smooth()
            } else {
                div_or(cwnd, distance, cwnd)
            }
        } else if cwnd < self.last_max_cwnd.wrapping_add(BICTCP_B) {
            smooth()
        } else if cwnd
            < self
                .last_max_cwnd
                .wrapping_add(max_increment.wrapping_mul(BICTCP_B - 1))
        {
            let beyond = cwnd.wrapping_sub(self.last_max_cwnd);
            div_or(cwnd.wrapping_mul(BICTCP_B - 1), beyond, cwnd)
        } else {
            linear()
        }
    }
}
