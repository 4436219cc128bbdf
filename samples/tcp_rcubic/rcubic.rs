// SPDX-License-Identifier: GPL-2.0-only

//! CUBIC with HyStart.
//!
//! After a loss the window follows a cubic function of the time since then, flat around the window
//! at which the loss happened ([RFC 9438](https://www.rfc-editor.org/rfc/rfc9438)). Slow start ends
//! before it overshoots ([`hystart`]).
//!
//! The twin of [`net/ipv4/tcp_cubic.c`](srctree/net/ipv4/tcp_cubic.c) by Sangtae Ha and Stephen
//! Hemminger, after Ha, Rhee and Xu, "CUBIC: A New TCP-Friendly High-Speed TCP Variant", 2008. It
//! decides as the twin does, bit for bit, wherever the twin is defined. The twin divides by zero or
//! loops without end on some states that its own code never makes; here those do nothing. And a
//! threshold of 1, which parameters can make the twin set, is 2 here.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    cubic_root::cubic_root,
    div64_or,
    div_or,
    hystart::{
        self,
        HyStart, //
    },
    hz,
    jiffies_to_secs,
    prelude::*,
    usecs_to_jiffies,
    Mib,
    Parameters, //
};

/// Denominator of [`Params::beta`].
const BETA_SCALE: u32 = 1024;

/// The unit of time of the cubic function is 2^-10 s.
const BICTCP_HZ: u32 = 10;

parameters! {
    /// The parameters of the twin, under its names.
    ///
    /// The twin takes any `int`. With a `beta` of 1024 or a `bic_scale` of 0 it divides by zero
    /// when it is loaded; such values are refused here.
    pub struct Params {
        /// turn on/off fast convergence
        writable fast_convergence: bool = true;
        /// beta for multiplicative decrease, in 1/1024
        writable beta: u32 = 717, 0..=1023;
        /// initial value of slow start threshold, in packets, without HyStart; 0 for none
        writable initial_ssthresh: u32 = 0, 0..=i32::MAX as u32;
        /// scale of the cubic function, in 1/1024: 41 at an RTT of 100 ms is RFC 9438's C of 0.4
        read_only bic_scale: u32 = 41, 1..=1_000_000;
        /// turn on/off being no slower than Reno
        writable tcp_friendliness: bool = true;
        /// turn on/off leaving slow start early
        writable hystart: bool = true;
        /// HyStart's methods, 1: ACK train, 2: delay, 3: both
        writable hystart_detect: u32 = 3, 0..=3;
        /// window below which HyStart does nothing, in packets
        writable hystart_low_window: u32 = 16, 0..=i32::MAX as u32;
        /// longest gap between two ACKs of a train, in microseconds
        writable hystart_ack_delta_us: i32 = 2000, 0..=i32::MAX;
    }

    derived {
        /// `8 (1 + beta) / (3 (1 - beta))`: eight times the ACKs per window for each packet that
        /// Reno with our beta would grow by (RFC 9438, equation 4, inverted).
        beta_scale: u32 = |beta: u32| {
            let sum = BETA_SCALE.wrapping_add(beta);
            let difference = BETA_SCALE.wrapping_sub(beta);
            div_or(sum.wrapping_mul(8) / 3, difference, u32::MAX)
        };

        /// `C / RTT` at an RTT of 100 ms, in 1/1024.
        cube_rtt_scale: u32 = |bic_scale: u32| bic_scale.wrapping_mul(10);

        /// `RTT / C` in the units of K cubed: K is the cube root of this times the distance in
        /// packets (RFC 9438, equation 2).
        cube_factor: u64 = |bic_scale: u32| {
            div64_or(1 << (10 + 3 * BICTCP_HZ), (bic_scale as u64).wrapping_mul(10), u64::MAX)
        };
    }
}

state! {
    /// What CUBIC remembers of a connection. The layout is that of `struct bictcp`.
    pub struct Bictcp {
        /// Grow by one packet for this many packets acknowledged.
        pub cnt: u32,
        /// The window at the last loss, in packets.
        pub last_max_cwnd: u32,
        /// The window that `cnt` was computed for, in packets.
        pub last_cwnd: u32,
        /// When `cnt` was computed.
        pub last_time: Jiffies32,
        /// The window on the plateau of the cubic function, in packets.
        pub bic_origin_point: u32,
        /// Time from the start of the epoch to the plateau, in 2^-10 s.
        pub bic_k: u32,
        /// The shortest RTT seen, in microseconds; 0 for none.
        pub delay_min: u32,
        /// When the epoch began: the first growth after a loss; 0 for no epoch.
        pub epoch_start: Jiffies32,
        /// Packets acknowledged and not yet accounted to `tcp_cwnd`.
        pub ack_cnt: u32,
        /// The window that Reno would have, in packets.
        pub tcp_cwnd: u32,
        /// What HyStart remembers of it.
        pub hystart: HyStart,
    }
}

/// CUBIC.
pub struct Rcubic;

impl CongestionControl for Rcubic {
    type State = Bictcp;

    const OPS: Ops<Self> = Ops {
        name: "rcubic",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh: recalc_ssthresh,
        undo_cwnd: reno::undo_cwnd,
        hooks: Hooks {
            init: Some(init),
            set_state: Some(set_state),
            cwnd_event_tx_start: Some(cwnd_event_tx_start),
            pkts_acked: Some(pkts_acked),
            ..Hooks::NONE
        },
    };

    const PARAMETERS: Parameters = Params::DECLARED;
}

fn init(sk: &mut Sock<Init<Bictcp>>) {
    let (sk, ca) = sk.split();
    ca.reset();
    let initial_ssthresh = Params::initial_ssthresh();
    if Params::hystart() {
        ca.hystart.begin_round(sk);
    } else if initial_ssthresh != 0 {
        sk.set_snd_ssthresh(Ssthresh::clamped(Packets::new(initial_ssthresh)));
    }
}

/// The connection was idle: that time must not count as time on the cubic curve.
fn cwnd_event_tx_start(sk: &mut Sock<Event<Bictcp>>) {
    let (sk, ca) = sk.split();
    let now = Jiffies32::now();
    let idle = now.since(sk.lsndtime());
    if idle > Ticks::ZERO && !ca.epoch_start.is_zero() {
        ca.epoch_start = ca.epoch_start + idle;
        if ca.epoch_start.after(now) {
            ca.epoch_start = now;
        }
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
    let cnt = ca.update(sk.snd_cwnd().get(), acked.get());
    sk.cong_avoid_ai(Packets::new(cnt), acked);
}

fn recalc_ssthresh(sk: &mut Sock, ca: &mut Bictcp) -> Ssthresh {
    let cwnd = sk.snd_cwnd();
    let beta = Params::beta();

    ca.epoch_start = Jiffies32::ZERO;
    let shrinks = cwnd.get() < ca.last_max_cwnd;
    ca.last_max_cwnd = cwnd.get();
    if shrinks && Params::fast_convergence() {
        // Release bandwidth when the window shrinks from one loss to the next (RFC 9438, section
        // 4.7).
        ca.last_max_cwnd = (cwnd * BETA_SCALE.wrapping_add(beta) / (2 * BETA_SCALE)).get();
    }
    Ssthresh::clamped(cwnd * beta / BETA_SCALE)
}

fn set_state(sk: &mut Sock, ca: &mut Bictcp, new_state: CaState) {
    if new_state == CaState::LOSS {
        ca.reset();
        ca.hystart.begin_round(sk);
    }
}

fn pkts_acked(sk: &mut Sock, ca: &mut Bictcp, sample: &AckSample) {
    let Some(rtt) = sample.rtt() else {
        return;
    };

    // Right after a recovery delays say little.
    if !ca.epoch_start.is_zero() && Jiffies32::now().since(ca.epoch_start) < second() {
        return;
    }

    let delay = (rtt.get() as u32).max(1);
    if ca.delay_min == 0 || ca.delay_min > delay {
        ca.delay_min = delay;
    }

    if ca.hystart.found == 0 && sk.in_slow_start() && Params::hystart() {
        ca.hystart_update(sk, delay);
    }
}

impl Bictcp {
    /// Forgets all but the round that HyStart is in.
    fn reset(&mut self) {
        *self = Self {
            cnt: 0,
            last_max_cwnd: 0,
            last_cwnd: 0,
            last_time: Jiffies32::ZERO,
            bic_origin_point: 0,
            bic_k: 0,
            delay_min: 0,
            epoch_start: Jiffies32::ZERO,
            ack_cnt: 0,
            tcp_cwnd: 0,
            hystart: self.hystart,
        };
        self.hystart.found = 0;
    }

    /// Computes `cnt` for a window of `cwnd` packets, `acked` of which were just acknowledged, and
    /// returns it.
    fn update(&mut self, cwnd: u32, acked: u32) -> u32 {
        let now = Jiffies32::now();

        self.ack_cnt = self.ack_cnt.wrapping_add(acked);
        if self.last_cwnd == cwnd && now.since(self.last_time) <= second() / 32 {
            // In a state that somebody else left it may be 0.
            return self.cnt.max(1);
        }

        // The curve changes with the clock, so once a tick is enough; a new epoch does not wait.
        if self.epoch_start.is_zero() || now != self.last_time {
            self.follow_curve(now, cwnd, acked);
        }
        if Params::tcp_friendliness() {
            self.keep_up_with_reno(cwnd);
        }

        // At most one packet for two acknowledged: 1.5 times the window in a round trip.
        self.cnt = self.cnt.max(2);
        self.cnt
    }

    /// Sets `cnt` so that the window reaches the cubic function's value one RTT from `now`
    /// (RFC 9438, section 4.2).
    fn follow_curve(&mut self, now: Jiffies32, cwnd: u32, acked: u32) {
        self.last_cwnd = cwnd;
        self.last_time = now;

        if self.epoch_start.is_zero() {
            self.epoch_start = now;
            self.ack_cnt = acked;
            self.tcp_cwnd = cwnd;

            if self.last_max_cwnd <= cwnd {
                self.bic_k = 0;
                self.bic_origin_point = cwnd;
            } else {
                let distance = self.last_max_cwnd.wrapping_sub(cwnd);
                self.bic_k = cubic_root(Params::cube_factor().wrapping_mul(u64::from(distance)));
                self.bic_origin_point = self.last_max_cwnd;
            }
        }

        // Time into the epoch, one RTT ahead, from ticks to 2^-10 s.
        let since_start = now.since(self.epoch_start).get() as u64;
        let ticks = since_start.wrapping_add(usecs_to_jiffies(self.delay_min));
        let t = jiffies_to_secs::<BICTCP_HZ>(ticks);

        // W(t) = C (t - K)^3 + W_max (RFC 9438, equation 1).
        let offset = t.abs_diff(u64::from(self.bic_k));
        let delta = (u64::from(Params::cube_rtt_scale())
            .wrapping_mul(offset)
            .wrapping_mul(offset)
            .wrapping_mul(offset)
            >> (10 + 3 * BICTCP_HZ)) as u32;
        let target = if t < u64::from(self.bic_k) {
            self.bic_origin_point.wrapping_sub(delta)
        } else {
            self.bic_origin_point.wrapping_add(delta)
        };

        self.cnt = if target > cwnd {
            div_or(cwnd, target.wrapping_sub(cwnd), cwnd)
        } else {
            // Hardly grow at all.
            cwnd.wrapping_mul(100)
        };

        // Without a loss the available bandwidth is unknown: at least 5 % in a round trip.
        if self.last_max_cwnd == 0 && self.cnt > 20 {
            self.cnt = 20;
        }
    }

    /// Lowers `cnt` if Reno would have the larger window by now (RFC 9438, section 4.3).
    fn keep_up_with_reno(&mut self, cwnd: u32) {
        // One packet of Reno's window for every `per_packet` packets acknowledged. The twin
        // subtracts in a loop; what is left at its end lies in 1..=per_packet.
        let per_packet = cwnd.wrapping_mul(Params::beta_scale()) >> 3;
        if self.ack_cnt > per_packet {
            if let Some(grown) = self.ack_cnt.wrapping_sub(1).checked_div(per_packet) {
                self.ack_cnt = self.ack_cnt.wrapping_sub(grown.wrapping_mul(per_packet));
                self.tcp_cwnd = self.tcp_cwnd.wrapping_add(grown);
            }
        }

        if self.tcp_cwnd > cwnd {
            let ahead = self.tcp_cwnd.wrapping_sub(cwnd);
            self.cnt = self.cnt.min(div_or(cwnd, ahead, cwnd));
        }
    }

    /// Ends slow start if the ACKs of this round say that the path is full.
    fn hystart_update(&mut self, sk: &mut Sock, delay: u32) {
        let config = hystart::Config {
            detect: Params::hystart_detect(),
            low_window: Params::hystart_low_window(),
            ack_delta_us: Params::hystart_ack_delta_us(),
        };
        let found = self.hystart.update(sk, &config, delay, self.delay_min);
        if !found.is_any() {
            return;
        }
        let cwnd = sk.snd_cwnd();
        if found.by_ack_train {
            sk.add_stats(Mib::HystartTrainDetect, 1);
            sk.add_stats(Mib::HystartTrainCwnd, cwnd.get());
        }
        if found.by_delay {
            sk.add_stats(Mib::HystartDelayDetect, 1);
            sk.add_stats(Mib::HystartDelayCwnd, cwnd.get());
        }
        sk.set_snd_ssthresh(Ssthresh::clamped(cwnd));
    }
}

/// A second, in ticks.
fn second() -> Ticks {
    Ticks::new(hz() as i32)
}
