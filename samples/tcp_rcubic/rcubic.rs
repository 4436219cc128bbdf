// SPDX-License-Identifier: GPL-2.0-only

//! CUBIC with HyStart.
//!
//! After a loss the window follows a cubic function of the time since then, flat around the window
//! at which the loss happened ([RFC 9438](https://www.rfc-editor.org/rfc/rfc9438)). The function
//! has no RTT in it: connections that share a bottleneck grow at the same rate, whatever their
//! RTTs. Where Reno would grow faster, on short or slow paths, the window follows Reno instead.
//! Slow start ends before it overshoots ([`hystart`]).
//!
//! The reference is [`net/ipv4/tcp_cubic.c`](srctree/net/ipv4/tcp_cubic.c) by Sangtae Ha and
//! Stephen Hemminger, after Ha, Rhee and Xu, "CUBIC: A New TCP-Friendly High-Speed TCP Variant",
//! 2008. Results are the same, bit for bit, wherever C is defined. The differences:
//!
//! | input                                | C                       | here                      |
//! |--------------------------------------|-------------------------|---------------------------|
//! | `cnt` is 0 and is not computed again | divides by it           | counts as 1               |
//! | `cwnd * beta_scale` is less than 8   | loops without end       | `w_est` stays as it is    |
//! | `beta` of 1024, `bic_scale` of 0     | divides by 0 on loading | refused (`EINVAL`)        |
//! | a threshold of 1 is to be set        | sets it                 | sets 2                    |
//! | a flag such as `hystart`             | any `int`, shown as 1   | `bool`, shown as Y        |
//!
//! # Units and ranges
//!
//! Windows are in packets, and RTTs in microseconds. The cubic function counts time in 2^-10 s,
//! whatever `HZ` is: a shift scales it, where a real second would take a division. `C` comes from
//! `bic_scale` in 1/1024 and from an RTT that is held to be 100 ms, so the curve is the same for
//! every path.
//!
//! All products fit while the window is below a million packets, which is what C promises too. The
//! first that does not is that of fast convergence, `cwnd * (1024 + beta)`, at 2.4 million packets,
//! then `cwnd * beta` at 6 million. Beyond, results wrap, as in C.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    jiffies_to_secs,
    parts::{
        cubic_root::cubic_root,
        hystart::{
            self,
            HyStart, //
        }, //
    },
    prelude::*,
    usecs_to_jiffies,
    Mib, //
};

/// Denominator of [`Params::beta`].
const BETA_SCALE: u32 = 1024;

/// Denominator of [`Params::bic_scale`], as a shift.
const C_SHIFT: u32 = 10;

/// The cubic function counts time in 2^-`TIME_SHIFT` s.
const TIME_SHIFT: u32 = 10;

parameters! {
    /// The parameters of C, under its names.
    ///
    /// C takes any `int`; values that mean nothing or make C divide by 0 are refused here.
    pub struct Params {
        /// turn on/off fast convergence
        writable fast_convergence: bool = true;
        // 0.7: more than Reno keeps, since the curve approaches the last maximum slowly (RFC 9438,
        // section 4.6).
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
        // Signed, as is the gap that it is compared with: a last ACK in the future is close.
        /// longest gap between two ACKs of a train, in microseconds
        writable hystart_ack_delta_us: i32 = 2000, 0..=i32::MAX;
    }

    derived {
        /// `8 / alpha`, with `alpha = 3 (1 - beta) / (1 + beta)`. A Reno that keeps `beta` of its
        /// window on a loss and grows by `alpha` packets in a round trip is on average as fast as
        /// one that keeps a half and grows by one (RFC 9438, section 4.3). Inverted and times 8,
        /// so that an ACK takes a multiplication and a shift.
        beta_scale: u32 = |beta: u32| {
            let sum = BETA_SCALE.wrapping_add(beta);
            let difference = BETA_SCALE.wrapping_sub(beta);
            div_or(sum.wrapping_mul(8) / 3, difference, u32::MAX)
        };

        /// `C`, in 1/1024 packets per s^3: `bic_scale` over an RTT of 100 ms.
        cube_rtt_scale: u32 = |bic_scale: u32| bic_scale.wrapping_mul(10);

        /// `1 / C`, in (2^-10 s)^3 per packet.
        cube_factor: u64 = |bic_scale: u32| {
            let c = (bic_scale as u64).wrapping_mul(10);
            div64_or(1 << (C_SHIFT + 3 * TIME_SHIFT), c, u64::MAX)
        };
    }
}

state! {
    /// The state of a connection, under the names of RFC 9438. The layout is that of C's
    /// `struct bictcp`.
    pub struct Cubic {
        /// Packets to acknowledge for each packet of growth.
        pub cnt: u32,
        /// `W_max`: the window at the last loss, or less after fast convergence; in packets.
        pub w_max: u32,
        /// The window that `cnt` was computed for, in packets.
        pub last_cwnd: u32,
        /// The tick in which `cnt` was computed.
        pub last_time: Jiffies32,
        /// The window on the plateau of the curve, in packets: `w_max`, unless the epoch began
        /// above it.
        pub plateau: u32,
        /// `K`: the time from the start of the epoch to the plateau, in 2^-10 s.
        pub k: u32,
        /// The shortest RTT seen; 0 for none.
        pub delay_min: Usecs32,
        /// The start of the epoch, which is the first growth after a loss; 0 for no epoch.
        pub epoch_start: Jiffies32,
        /// Packets acknowledged and not yet accounted to `w_est`.
        pub ack_cnt: u32,
        /// `W_est`: the window that Reno would have, in packets.
        pub w_est: u32,
        /// The state of HyStart.
        pub hystart: HyStart,
    }
}

/// CUBIC.
pub struct Rcubic;

impl CongestionControl for Rcubic {
    type State = Cubic;

    const OPS: Ops<Self> = Ops {
        name: "rcubic",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(init),
            set_state: Some(set_state),
            cwnd_event_tx_start: Some(cwnd_event_tx_start),
            pkts_acked: Some(pkts_acked),
            ..Optional::NONE
        },
    };

    const PARAMETERS: Parameters = Params::DECLARED;
}

fn init(sk: &mut Sock<Init<Cubic>>) {
    let (sk, ca) = sk.split();
    ca.reset();
    let initial_ssthresh = Params::initial_ssthresh();
    if Params::hystart() {
        ca.hystart.begin_round(sk);
    } else if initial_ssthresh != 0 {
        sk.set_snd_ssthresh(Ssthresh::clamped(Packets::new(initial_ssthresh)));
    }
}

/// Moves the start of the epoch by the time that the connection was idle.
///
/// The curve is one of time. Without this it would have gone on while nothing was sent, and the
/// window would jump to a value that the path was never asked for (RFC 9438, section 5.8).
fn cwnd_event_tx_start(sk: &mut Sock<Event<Cubic>>) {
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

fn cong_avoid(sk: &mut Sock, ca: &mut Cubic, _ack: SeqNo, mut acked: Acked) {
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

/// Returns `beta * cwnd` (RFC 9438, section 4.6), and ends the epoch.
fn ssthresh(sk: &mut Sock, ca: &mut Cubic) -> Ssthresh {
    let cwnd = sk.snd_cwnd();
    let beta = Params::beta();

    ca.epoch_start = Jiffies32::ZERO;
    let shrinks = cwnd.get() < ca.w_max;
    ca.w_max = cwnd.get();
    if shrinks && Params::fast_convergence() {
        // The loss came before the last maximum was reached, probably since a new connection
        // takes its share. A plateau below this window leaves room for that (RFC 9438, section
        // 4.7).
        ca.w_max = (cwnd * BETA_SCALE.wrapping_add(beta) / (2 * BETA_SCALE)).get();
    }
    Ssthresh::clamped(cwnd * beta / BETA_SCALE)
}

/// Starts again after a timeout: what the path was like before may no longer hold (RFC 9438,
/// section 4.8).
fn set_state(sk: &mut Sock, ca: &mut Cubic, new_state: CaState) {
    if new_state == CaState::LOSS {
        ca.reset();
        ca.hystart.begin_round(sk);
    }
}

fn pkts_acked(sk: &mut Sock, ca: &mut Cubic, sample: &AckSample) {
    // None for duplicates without a timestamp.
    let Some(rtt) = sample.rtt() else {
        return;
    };

    // For a second after a recovery, delays are those of the queue that led to the loss.
    if !ca.epoch_start.is_zero() && Jiffies32::now().since(ca.epoch_start) < second() {
        return;
    }

    // 0 stands for no RTT.
    let delay = Usecs32::new((rtt.get() as u32).max(1));
    if ca.delay_min.is_zero() || ca.delay_min > delay {
        ca.delay_min = delay;
    }

    if ca.hystart.found == 0 && sk.in_slow_start() && Params::hystart() {
        ca.hystart_update(sk, delay);
    }
}

impl Cubic {
    /// Forgets everything but the current round of HyStart.
    fn reset(&mut self) {
        *self = Self {
            cnt: 0,
            w_max: 0,
            last_cwnd: 0,
            last_time: Jiffies32::ZERO,
            plateau: 0,
            k: 0,
            delay_min: Usecs32::ZERO,
            epoch_start: Jiffies32::ZERO,
            ack_cnt: 0,
            w_est: 0,
            hystart: self.hystart,
        };
        self.hystart.found = 0;
    }

    /// Computes `cnt` for a window of `cwnd` packets, `acked` of which were just acknowledged, and
    /// returns it.
    fn update(&mut self, cwnd: u32, acked: u32) -> u32 {
        let now = Jiffies32::now();

        self.ack_cnt = self.ack_cnt.wrapping_add(acked);
        // The curve hardly moves in 31 ms, and following it takes a division or two.
        if self.last_cwnd == cwnd && now.since(self.last_time) <= second() / 32 {
            // It may be 0 in a state that another algorithm left.
            return self.cnt.max(1);
        }

        // The curve changes with the clock, so once a tick is enough. A loss has set the start of
        // the epoch to 0: a new epoch does not wait for the tick.
        if self.epoch_start.is_zero() || now != self.last_time {
            self.follow_curve(now, cwnd, acked);
        }
        if Params::tcp_friendliness() {
            self.keep_up_with_reno(cwnd);
        }

        // At most one packet for two acknowledged, so that the window is 1.5 times as large after
        // a round trip (RFC 9438, section 4.2).
        self.cnt = self.cnt.max(2);
        self.cnt
    }

    /// Sets `cnt` so that the window reaches the curve's value one RTT from `now` (RFC 9438,
    /// sections 4.4 and 4.5).
    fn follow_curve(&mut self, now: Jiffies32, cwnd: u32, acked: u32) {
        self.last_cwnd = cwnd;
        self.last_time = now;

        if self.epoch_start.is_zero() {
            self.epoch_start = now;
            self.ack_cnt = acked;
            self.w_est = cwnd;

            if self.w_max <= cwnd {
                // Already beyond the last maximum: the convex half, from here.
                self.k = 0;
                self.plateau = cwnd;
            } else {
                let distance = self.w_max.wrapping_sub(cwnd);
                self.k = time_to_plateau(Params::cube_factor(), distance);
                self.plateau = self.w_max;
            }
        }

        // One RTT ahead, since that is when this window has its effect.
        let since_start = now.since(self.epoch_start).get() as u64;
        let ticks = since_start.wrapping_add(usecs_to_jiffies(self.delay_min));
        let t = jiffies_to_secs::<TIME_SHIFT>(ticks);
        let target = w_cubic(Params::cube_rtt_scale(), t, self.k, self.plateau);

        self.cnt = if target > cwnd {
            // (target - cwnd) / cwnd for each packet, so that a whole window makes up for it.
            div_or(cwnd, target.wrapping_sub(cwnd), cwnd)
        } else {
            // On the curve or above it: a packet in 100 round trips.
            cwnd.wrapping_mul(100)
        };

        // Without a loss the available bandwidth is unknown, and the curve begins flat: at least
        // 5 % in a round trip.
        if self.w_max == 0 && self.cnt > 20 {
            self.cnt = 20;
        }
    }

    /// Lowers `cnt` if Reno would have the larger window by now (RFC 9438, section 4.3).
    fn keep_up_with_reno(&mut self, cwnd: u32) {
        let per_packet = acked_per_packet(cwnd, Params::beta_scale());
        if self.ack_cnt > per_packet {
            let growth = w_est_growth(self.ack_cnt, per_packet);
            self.ack_cnt = self.ack_cnt.wrapping_sub(growth.wrapping_mul(per_packet));
            self.w_est = self.w_est.wrapping_add(growth);
        }

        if self.w_est > cwnd {
            let ahead = self.w_est.wrapping_sub(cwnd);
            self.cnt = self.cnt.min(div_or(cwnd, ahead, cwnd));
        }
    }

    /// Ends slow start if the ACKs of this round show that the path is full.
    fn hystart_update(&mut self, sk: &mut Sock, delay: Usecs32) {
        let config = hystart::Config {
            detect: Params::hystart_detect(),
            low_window: Params::hystart_low_window(),
            ack_delta: Usecs::new(Params::hystart_ack_delta_us()),
        };
        let rtt = hystart::Rtt {
            latest: delay,
            min: self.delay_min,
        };
        let found = self.hystart.update(sk, &config, rtt);
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

/// Returns `K`, the time from the start of an epoch to the plateau, in 2^-10 s:
/// `K = cbrt((W_max - cwnd_epoch) / C)` (RFC 9438, equation 2).
///
/// `cube_factor` is `1 / C`, and `distance` is `W_max - cwnd_epoch`. With the default `C` the
/// product fits into 64 bits for any distance.
#[inline]
pub fn time_to_plateau(cube_factor: u64, distance: u32) -> u32 {
    cubic_root(cube_factor.wrapping_mul(u64::from(distance)))
}

/// Returns the window on the curve, `W_cubic(t) = C (t - K)^3 + W_max` (RFC 9438, equation 1), with
/// `t` and `k` in 2^-10 s and `c` in 1/1024.
///
/// The cube is that of the distance, and its sign is put back by adding or subtracting, so shifts
/// round towards the plateau. It is taken in 64 bits. With the default `C` these are enough for 347
/// seconds to either side of the plateau, where the curve is 2^24 packets from it.
#[inline]
pub fn w_cubic(c: u32, t: u64, k: u32, plateau: u32) -> u32 {
    let distance = t.abs_diff(u64::from(k));
    let cube = u64::from(c)
        .wrapping_mul(distance)
        .wrapping_mul(distance)
        .wrapping_mul(distance);
    let delta = (cube >> (C_SHIFT + 3 * TIME_SHIFT)) as u32;
    if t < u64::from(k) {
        plateau.wrapping_sub(delta)
    } else {
        plateau.wrapping_add(delta)
    }
}

/// Returns the packets to acknowledge for one packet of growth of `W_est`: `cwnd / alpha`, where
/// `beta_scale` is `8 / alpha`.
#[inline]
pub fn acked_per_packet(cwnd: u32, beta_scale: u32) -> u32 {
    cwnd.wrapping_mul(beta_scale) >> 3
}

/// Returns the growth of `W_est` after `acked` packets, `W_est += alpha * acked / cwnd` (RFC 9438,
/// equation 4), with `per_packet = cwnd / alpha`.
///
/// C subtracts `per_packet` in a loop while `acked` is larger. What is left at its end is in
/// `1..=per_packet` and not 0, hence the 1 here.
#[inline]
pub fn w_est_growth(acked: u32, per_packet: u32) -> u32 {
    div_or(acked.wrapping_sub(1), per_packet, 0)
}

/// Returns a second in ticks.
fn second() -> Ticks {
    Ticks::new(hz() as i32)
}
