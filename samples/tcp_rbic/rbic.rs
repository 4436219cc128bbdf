// SPDX-License-Identifier: GPL-2.0-only

//! BIC: binary increase.
//!
//! A loss shows that the path holds less than the window of the loss, `w_max`, and probably what is
//! left after the reduction. The search for the right window between the two goes a part of the
//! distance in every round trip: fast at first, and gently near the window that was too much. A
//! step without a limit would lose a burst, so far away growth is linear. If the window passes
//! `w_max` without a loss, the path has changed, and the window probes for a new maximum in the
//! reverse order. In packets per round trip:
//!
//! | window                                     | growth                   | phase           |
//! |--------------------------------------------|--------------------------|-----------------|
//! | up to `low_window`                         | 1                        | Reno            |
//! | more than `4 * max_increment` below        | `max_increment`          | linear          |
//! | at least 8 below                           | a quarter of the way     | binary search   |
//! | from 7 below to 3 above                    | 4 in `smooth_part` RTTs  | plateau         |
//! | less than `3 * max_increment` above        | a third of the way back  | max probing     |
//! | further above                              | `max_increment`          | linear          |
//!
//! The reference is [`net/ipv4/tcp_bic.c`](srctree/net/ipv4/tcp_bic.c) by Stephen Hemminger, after
//! Xu, Harfoush and Rhee, "Binary Increase Congestion Control for Fast, Long Distance Networks",
//! INFOCOM 2004. Results are the same, bit for bit, wherever C is defined. The differences:
//!
//! | input                            | C                     | here                            |
//! |----------------------------------|-----------------------|---------------------------------|
//! | `delayed_ack` is 0               | divides by it         | a `cnt` of 1                    |
//! | `max_increment` of 0             | divides by it         | refused (`EINVAL`)              |
//! | a threshold of 1 is to be set    | sets it               | sets 2                          |
//! | `fast_convergence`               | any `int`, shown as 1 | `bool`, shown as Y              |

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

/// Denominator of [`Params::beta`].
const BETA_SCALE: u32 = 1024;

/// The search goes this part of the distance in a round trip: a quarter, more gently than the half
/// of a binary search.
const SEARCH_DIVISOR: u32 = 4;

/// Denominator of [`Bic::delayed_ack`], and the weight of an ACK in it, as a shift.
const ACK_RATIO_SHIFT: u32 = 4;

parameters! {
    /// The parameters of C, under its names.
    ///
    /// C takes any `int`; values that mean nothing or make C divide by 0 are refused here.
    pub struct Params {
        /// turn on/off fast convergence
        writable fast_convergence: bool = true;
        /// largest growth per round trip during the search, in packets
        writable max_increment: u32 = 16, 1..=1_000_000;
        // In a small window the search would be faster than Reno, and unfair to it.
        /// window up to which it behaves as Reno, in packets
        writable low_window: u32 = 14, 0..=i32::MAX as u32;
        // 0.8.
        /// beta for multiplicative decrease, in 1/1024
        writable beta: u32 = 819, 0..=1024;
        /// initial value of slow start threshold, in packets; 0 for none
        writable initial_ssthresh: u32 = 0, 0..=i32::MAX as u32;
        /// round trips for the last four packets up to the window of the loss
        writable smooth_part: u32 = 20, 0..=1_000_000;
    }
}

state! {
    /// The state of a connection. The layout is that of C's `struct bictcp`.
    pub struct Bic {
        /// Packets to acknowledge for each packet of growth.
        pub cnt: u32,
        /// The window at the last loss, or less after fast convergence; in packets.
        pub w_max: u32,
        /// The window that `cnt` was computed for, in packets.
        pub last_cwnd: u32,
        /// The tick in which `cnt` was computed.
        pub last_time: Jiffies32,
        /// The start of the epoch, which is the first growth after a loss; 0 for no epoch.
        pub epoch_start: Jiffies32,
        /// The packets that an ACK acknowledges on average, in 1/16.
        pub delayed_ack: u32,
    }
}

/// BIC.
pub struct Rbic;

impl CongestionControl for Rbic {
    type State = Bic;

    const OPS: Ops<Self> = Ops {
        name: "rbic",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh,
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

fn init(sk: &mut Sock<Init<Bic>>) {
    let (sk, ca) = sk.split();
    ca.reset();
    let initial_ssthresh = Params::initial_ssthresh();
    if initial_ssthresh != 0 {
        sk.set_snd_ssthresh(Ssthresh::clamped(Packets::new(initial_ssthresh)));
    }
}

fn cong_avoid(sk: &mut Sock, ca: &mut Bic, _ack: SeqNo, mut acked: Acked) {
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

/// Returns `beta * cwnd`, or half of a small window, as Reno; and ends the epoch.
fn ssthresh(sk: &mut Sock, ca: &mut Bic) -> Ssthresh {
    let cwnd = sk.snd_cwnd();
    if cwnd.get() <= Params::low_window() {
        return cold_call(move || {
            ca.end_epoch(cwnd.get());
            Ssthresh::clamped(cwnd / 2)
        });
    }
    ca.end_epoch(cwnd.get());
    Ssthresh::clamped(cwnd * Params::beta() / BETA_SCALE)
}

/// Starts again after a timeout: what the path was like before may no longer hold.
fn set_state(_: &mut Sock, ca: &mut Bic, new_state: CaState) {
    if new_state == CaState::LOSS {
        ca.reset();
    }
}

/// Averages the packets that an ACK acknowledges: a sixteenth of the new, the rest of the old. Only
/// in the open state: while packets are missing, receivers do not delay ACKs.
fn pkts_acked(sk: &mut Sock, ca: &mut Bic, sample: &AckSample) {
    if sk.ca_state() == CaState::OPEN {
        let forgotten = ca.delayed_ack >> ACK_RATIO_SHIFT;
        let grown = sample.pkts_acked().get().wrapping_sub(forgotten);
        ca.delayed_ack = ca.delayed_ack.wrapping_add(grown);
    }
}

impl Bic {
    /// Forgets everything. A receiver is held to acknowledge every other packet.
    fn reset(&mut self) {
        *self = Self {
            cnt: 0,
            w_max: 0,
            last_cwnd: 0,
            last_time: Jiffies32::ZERO,
            epoch_start: Jiffies32::ZERO,
            delayed_ack: 2 << ACK_RATIO_SHIFT,
        };
    }

    /// Ends the epoch with a loss, in a window of `cwnd` packets.
    fn end_epoch(&mut self, cwnd: u32) {
        self.epoch_start = Jiffies32::ZERO;
        self.w_max = if cwnd < self.w_max && Params::fast_convergence() {
            // Fast convergence: the loss came before the last maximum was reached, probably since
            // a new connection takes its share. A maximum below this window leaves room for that.
            let beta = Params::beta();
            cwnd.wrapping_mul(BETA_SCALE.wrapping_add(beta)) / (2 * BETA_SCALE)
        } else {
            cwnd
        };
    }

    /// Computes `cnt` for a window of `cwnd` packets, and returns it.
    fn update(&mut self, cwnd: u32) -> u32 {
        let now = Jiffies32::now();
        // The search depends on the window alone, so only the average of the ACKs is old.
        if self.last_cwnd == cwnd && now.since(self.last_time) <= Ticks::new(hz() as i32) / 32 {
            return self.cnt;
        }
        self.last_cwnd = cwnd;
        self.last_time = now;
        if self.epoch_start.is_zero() {
            self.epoch_start = now;
        }

        if cwnd <= Params::low_window() {
            // As Reno, and without regard to delayed ACKs.
            self.cnt = cwnd;
            return cwnd;
        }

        let mut cnt = self.search(cwnd);
        // Without a loss there is nothing to search for: at least 5 % in a round trip.
        if self.w_max == 0 {
            cnt = cnt.min(20);
        }
        // As if `cnt` counted ACKs, of which there are fewer than packets. At least 1. With 0 the
        // subtraction wraps, so that one comparison keeps the divisor from being 0, too.
        let acks = cnt << ACK_RATIO_SHIFT;
        cnt = if self.delayed_ack.wrapping_sub(1) < acks {
            div_or(acks, self.delayed_ack, 1)
        } else {
            1
        };
        self.cnt = cnt;
        cnt
    }

    /// Returns the packets to acknowledge for each packet of growth, by the distance to `w_max`.
    fn search(&self, cwnd: u32) -> u32 {
        let max_increment = Params::max_increment();
        let linear = || div_or(cwnd, max_increment.max(1), cwnd);
        let smooth = || cwnd.wrapping_mul(Params::smooth_part()) / SEARCH_DIVISOR;

        if cwnd < self.w_max {
            let distance = self.w_max.wrapping_sub(cwnd) / SEARCH_DIVISOR;
            if distance > max_increment {
                linear()
            } else if distance <= 1 {
                smooth()
            } else {
                div_or(cwnd, distance, cwnd)
            }
        } else if cwnd < self.w_max.wrapping_add(SEARCH_DIVISOR) {
            smooth()
        } else if cwnd
            < self
                .w_max
                .wrapping_add(max_increment.wrapping_mul(SEARCH_DIVISOR - 1))
        {
            // The search in reverse: three quarters of a distance were left after a quarter of it,
            // so a third of what is behind was the step.
            let beyond = cwnd.wrapping_sub(self.w_max);
            div_or(cwnd.wrapping_mul(SEARCH_DIVISOR - 1), beyond, cwnd)
        } else {
            linear()
        }
    }
}
