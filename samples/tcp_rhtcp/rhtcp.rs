// SPDX-License-Identifier: GPL-2.0-only

//! H-TCP: grows the faster the longer the last loss is ago.
//!
//! Right after a loss the window grows as Reno's, so that the two share a path. On a path that
//! holds a large window losses are far apart, and from a second on the growth in a round trip is
//!
//! ```text
//! alpha = 1 + 10 (t - 1) + ((t - 1) / 2)^2    packets, after t seconds
//! ```
//!
//! scaled so that connections of different RTTs grow alike, and by `2 (1 - beta)`, so that the
//! share of a connection does not depend on its `beta`. A loss leaves `beta` of the window: the
//! shortest RTT over the longest, which is what it takes to empty the queue, and no more. It is a
//! half if the throughput has changed by more than a fifth since the last loss: then the path is
//! another than before.
//!
//! The reference is [`net/ipv4/tcp_htcp.c`](srctree/net/ipv4/tcp_htcp.c) by Baruch Even, after
//! Leith and Shorten, "H-TCP: TCP for High-Speed and Long-Distance Networks", PFLDnet 2004. Results
//! are the same, bit for bit, wherever C is defined. The differences:
//!
//! | input                                    | C                       | here                    |
//! |------------------------------------------|-------------------------|-------------------------|
//! | ten times the shortest RTT wraps to 0    | divides by it           | the quotient is 0       |
//! | a flag                                   | any `int`, shown as 1   | `bool`, shown as Y      |

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    msecs_to_jiffies,
    prelude::*,
    usecs_to_jiffies, //
};

/// `alpha` and `beta` count in 2^-`SCALE_SHIFT`.
const SCALE_SHIFT: u32 = 7;

/// 1.
const ONE: Wrapping32 = Wrapping32::new(1 << SCALE_SHIFT);

/// The least `beta`, a half.
const BETA_MIN: u8 = 1 << 6;

/// The greatest, 0.8.
const BETA_MAX: u8 = 102;

parameters! {
    /// The parameters of C, under its names.
    pub struct Params {
        /// turn on/off RTT scaling
        writable use_rtt_scaling: bool = true;
        /// turn on/off bandwidth switcher
        writable use_bandwidth_switch: bool = true;
    }
}

state! {
    /// The state of a connection. The layout is that of C's `struct htcp`. RTTs are in ticks.
    pub struct Htcp {
        /// Growth in a round trip, in 1/128 packets.
        pub alpha: Wrapping32,
        /// What a loss leaves of the window, in 1/128.
        pub beta: u8,
        /// Not 0 once a loss has seen the same path as the one before.
        pub modeswitch: u8,
        /// Packets that the last ACK acknowledged.
        pub pkts_acked: u16,
        /// Packets acknowledged since `last_time`.
        pub packet_count: Wrapping32,
        /// The shortest RTT; 0 for none.
        pub min_rtt: Wrapping32,
        /// The longest one, which fades with losses.
        pub max_rtt: Wrapping32,
        /// The last loss, or the end of its recovery.
        pub last_cong: Jiffies32,
        /// The one before, while a recovery may turn out to be wrong; 0 if not.
        pub undo_last_cong: Jiffies32,
        /// `max_rtt` before the loss.
        pub undo_max_rtt: Wrapping32,
        /// `old_max_b` before the loss.
        pub undo_old_max_b: Wrapping32,
        /// The least throughput since the last loss, in packets per second.
        pub min_b: Wrapping32,
        /// The greatest one.
        pub max_b: Wrapping32,
        /// The greatest one between the two losses before.
        pub old_max_b: Wrapping32,
        /// The throughput, averaged.
        pub b: Wrapping32,
        /// When the present measurement of it began.
        pub last_time: Jiffies32,
    }
}

/// H-TCP.
pub struct Rhtcp;

impl CongestionControl for Rhtcp {
    type State = Htcp;

    const OPS: Ops<Self> = Ops {
        name: "rhtcp",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh,
        undo_cwnd,
        optional: Optional {
            init: Some(init),
            set_state: Some(set_state),
            pkts_acked: Some(pkts_acked),
            ..Optional::NONE
        },
    };

    const PARAMETERS: Parameters = Params::DECLARED;
}

fn init(sk: &mut Sock<Init<Htcp>>) {
    *sk.state_mut() = Htcp {
        alpha: ONE,
        beta: BETA_MIN,
        modeswitch: 0,
        pkts_acked: 1,
        packet_count: Wrapping32::ZERO,
        min_rtt: Wrapping32::ZERO,
        max_rtt: Wrapping32::ZERO,
        last_cong: Jiffies32::now(),
        undo_last_cong: Jiffies32::ZERO,
        undo_max_rtt: Wrapping32::ZERO,
        undo_old_max_b: Wrapping32::ZERO,
        min_b: Wrapping32::ZERO,
        max_b: Wrapping32::ZERO,
        old_max_b: Wrapping32::ZERO,
        b: Wrapping32::ZERO,
        last_time: Jiffies32::ZERO,
    };
}

fn set_state(_: &mut Sock, ca: &mut Htcp, new_state: CaState) {
    match new_state {
        CaState::OPEN => {
            if !ca.undo_last_cong.is_zero() {
                ca.last_cong = Jiffies32::now();
                ca.undo_last_cong = Jiffies32::ZERO;
            }
        }
        CaState::CWR | CaState::RECOVERY | CaState::LOSS => {
            ca.undo_last_cong = ca.last_cong;
            ca.undo_max_rtt = ca.max_rtt;
            ca.undo_old_max_b = ca.old_max_b;
            ca.last_cong = Jiffies32::now();
        }
        _ => (),
    }
}

/// Returns to what was before the loss, which was none.
fn undo_cwnd(sk: &mut Sock, ca: &mut Htcp) -> Cwnd {
    if !ca.undo_last_cong.is_zero() {
        ca.last_cong = ca.undo_last_cong;
        ca.max_rtt = ca.undo_max_rtt;
        ca.old_max_b = ca.undo_old_max_b;
        ca.undo_last_cong = Jiffies32::ZERO;
    }
    reno::undo_cwnd(sk, ca)
}

/// Measures RTTs and throughput.
fn pkts_acked(sk: &mut Sock, ca: &mut Htcp, sample: &AckSample) {
    let state = sk.ca_state();
    if state == CaState::OPEN {
        ca.pkts_acked = sample.pkts_acked().get() as u16;
    }
    if let Some(rtt) = sample.rtt().filter(|rtt| !rtt.is_zero()) {
        let ticks = usecs_to_jiffies(Usecs32::new(rtt.get() as u32)) as u32;
        ca.measure_rtt(state, Wrapping32::new(ticks));
    }
    if Params::use_bandwidth_switch() {
        ca.measure_throughput(state, sample.pkts_acked(), sk.snd_cwnd());
    }
}

fn ssthresh(sk: &mut Sock, ca: &mut Htcp) -> Ssthresh {
    let (min_rtt, max_rtt) = (ca.min_rtt, ca.max_rtt);
    ca.update_beta(min_rtt, max_rtt);
    ca.update_alpha();
    // The path may have changed, and have a shorter queue now.
    if !min_rtt.is_zero() && max_rtt > min_rtt {
        ca.max_rtt = min_rtt + (max_rtt - min_rtt) * 95 / 100;
    }
    Ssthresh::clamped((sk.snd_cwnd() * ca.beta.into()) >> SCALE_SHIFT)
}

/// Grows by `alpha / cwnd` for each packet acknowledged.
fn cong_avoid(sk: &mut Sock, ca: &mut Htcp, _ack: SeqNo, acked: Acked) {
    if !sk.is_cwnd_limited() {
        return;
    }
    if sk.in_slow_start() {
        sk.slow_start(acked);
        return;
    }
    let (cwnd, count) = (sk.snd_cwnd(), sk.snd_cwnd_cnt());
    if (Wrapping32::from(count) * ca.alpha) >> SCALE_SHIFT >= Wrapping32::from(cwnd) {
        if cwnd < sk.snd_cwnd_clamp() {
            sk.set_snd_cwnd(Cwnd::clamped(cwnd + Packets::new(1)));
        }
        sk.set_snd_cwnd_cnt(Packets::ZERO);
        ca.update_alpha();
    } else {
        sk.set_snd_cwnd_cnt(count + Packets::new(ca.pkts_acked.into()));
    }
    ca.pkts_acked = 1;
}

impl Htcp {
    /// Returns the ticks since the last loss.
    fn cong_time(&self) -> Wrapping32 {
        Wrapping32::new(Jiffies32::now().since(self.last_cong).get() as u32)
    }

    /// Notes an RTT. The longest one grows by steps of at most 20 ms, and in the open state only: a
    /// retransmission, or an ACK that took long, says nothing of the queue.
    fn measure_rtt(&mut self, state: CaState, rtt: Wrapping32) {
        if self.min_rtt > rtt || self.min_rtt.is_zero() {
            self.min_rtt = rtt;
        }
        if state == CaState::OPEN {
            self.max_rtt = self.max_rtt.max(self.min_rtt);
            let most = u64::from(self.max_rtt.get()) + msecs_to_jiffies(20);
            if self.max_rtt < rtt && u64::from(rtt.get()) <= most {
                self.max_rtt = rtt;
            }
        }
    }

    /// Measures the throughput, once a window of packets was acknowledged.
    fn measure_throughput(&mut self, state: CaState, acked: Packets, cwnd: Cwnd) {
        let now = Jiffies32::now();
        if !matches!(state, CaState::OPEN | CaState::DISORDER) {
            self.packet_count = Wrapping32::ZERO;
            self.last_time = now;
            return;
        }
        self.packet_count += Wrapping32::from(acked);

        let passed = Wrapping32::new(now.since(self.last_time).get() as u32);
        // The window as it was a round trip ago.
        let grown = (self.alpha >> SCALE_SHIFT).max(Wrapping32::new(1));
        let window = Wrapping32::from(cwnd) - grown;
        if self.packet_count < window || passed < self.min_rtt || self.min_rtt.is_zero() {
            return;
        }
        let b = self.packet_count * hz() / passed;
        if self.cong_time() / self.min_rtt <= 3 {
            // The first round trips after a loss.
            (self.min_b, self.max_b, self.b) = (b, b, b);
        } else {
            self.b = (3 * self.b + b) / 4;
            self.max_b = self.max_b.max(self.b);
            self.min_b = self.min_b.min(self.max_b);
        }
        self.packet_count = Wrapping32::ZERO;
        self.last_time = now;
    }

    /// Computes what a loss leaves of the window.
    fn update_beta(&mut self, min_rtt: Wrapping32, max_rtt: Wrapping32) {
        if Params::use_bandwidth_switch() {
            let (max_b, old_max_b) = (self.max_b, self.old_max_b);
            self.old_max_b = max_b;
            if !between(5 * max_b, 4 * old_max_b, 6 * old_max_b) {
                self.beta = BETA_MIN;
                self.modeswitch = 0;
                return;
            }
        }
        let is_long = u64::from(min_rtt.get()) > msecs_to_jiffies(10);
        if self.modeswitch != 0 && is_long && !max_rtt.is_zero() {
            let beta = (min_rtt << SCALE_SHIFT) / max_rtt;
            self.beta = (beta.get() as u8).clamp(BETA_MIN, BETA_MAX);
        } else {
            self.beta = BETA_MIN;
            self.modeswitch = 1;
        }
    }

    /// Computes the growth from the time since the last loss.
    fn update_alpha(&mut self) {
        let mut factor = Wrapping32::new(1);
        let mut ticks = self.cong_time();
        if ticks > hz() {
            ticks -= hz();
            let half = ticks / 2;
            factor += (10 * ticks + half * half / hz()) / hz();
        }
        if Params::use_rtt_scaling() && !self.min_rtt.is_zero() {
            // A tenth of a second over the RTT, from 1/2 to 10, in 1/8.
            let scale = Wrapping32::new(hz() << 3) / (10 * self.min_rtt);
            let scale = scale.clamp(Wrapping32::new(1 << 2), Wrapping32::new(10 << 3));
            factor = ((factor << 3) / scale).max(Wrapping32::new(1));
        }
        self.alpha = 2 * factor * (ONE - u32::from(self.beta));
        if self.alpha.is_zero() {
            self.alpha = ONE;
        }
    }
}

/// Whether `b` is `first` to `last`, on a circle of 2^32.
fn between(b: Wrapping32, first: Wrapping32, last: Wrapping32) -> bool {
    last - first >= b - first
}
