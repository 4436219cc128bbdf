// SPDX-License-Identifier: GPL-2.0-only

//! Illinois: losses say when to shrink, and delays how fast to grow and how far to shrink.
//!
//! Once in a round trip the average RTT gives the delay in the queue, and the longest RTT the delay
//! of a full one, `dm`. The more of the queue is used, the slower the growth, and the more a loss
//! takes: then it is one of a full queue.
//!
//! | average delay `da` | growth in a round trip (`alpha`)  | what a loss takes (`beta`) |
//! |--------------------|-----------------------------------|----------------------------|
//! | up to `dm / 100`   | 10 packets                        | 1/8                        |
//! | up to `dm / 10`    | `k1 / (k2 + da)`                  | 1/8                        |
//! | up to `0.8 dm`     | `k1 / (k2 + da)`                  | `k3 + k4 da`               |
//! | more               | `k1 / (k2 + da)`, at last 0.3     | 1/2                        |
//!
//! So the window is a concave curve between two losses: steep at first, and flat near the end. In a
//! window of less than 15 packets, and after a timeout, it is Reno.
//!
//! The reference is [`net/ipv4/tcp_illinois.c`](srctree/net/ipv4/tcp_illinois.c) by Stephen
//! Hemminger and Shao Liu, after Liu, Başar and Srikant, "TCP-Illinois: A Loss- and Delay-Based
//! Congestion Control Algorithm for High-Speed Networks", Performance Evaluation, 2008. Results are
//! the same, bit for bit, wherever C is defined. The differences:
//!
//! | input                                          | C                 | here                    |
//! |------------------------------------------------|-------------------|-------------------------|
//! | a sum of delays wraps to 0                     | divides by it     | the quotient is 0       |
//! | a `beta` of more than 1, which only others set | wraps             | sets 2^31 - 1           |

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    prelude::*,
    VegasInfo, //
};

/// `alpha` counts in 2^-`ALPHA_SHIFT` packets.
const ALPHA_SHIFT: u32 = 7;

/// Reno's growth.
const ALPHA_BASE: u32 = 1 << ALPHA_SHIFT;

/// The slowest growth, 0.3 packets.
const ALPHA_MIN: u32 = 3 * ALPHA_BASE / 10;

/// The fastest, 10 packets.
const ALPHA_MAX: u32 = 10 * ALPHA_BASE;

/// The longest RTT that counts, 3.3 s: with more, `alpha` would wrap.
const RTT_MAX: u32 = u32::MAX / ALPHA_MAX;

/// `beta` counts in 2^-`BETA_SHIFT`.
const BETA_SHIFT: u32 = 6;

/// The least part of the window that a loss takes, 1/8.
const BETA_MIN: u32 = (1 << BETA_SHIFT) / 8;

/// The greatest, 1/2, which is Reno's.
const BETA_MAX: u32 = (1 << BETA_SHIFT) / 2;

parameters! {
    /// The parameters of C, under its names.
    pub struct Params {
        /// Window threshold for starting adaptive sizing
        hidden win_thresh: u32 = 15, 0..=i32::MAX as u32;
        // One round trip with a short delay may be chance.
        /// # of fast RTT's before full growth
        hidden theta: u32 = 5, 0..=i32::MAX as u32;
    }
}

state! {
    /// The state of a connection. The layout is that of C's `struct illinois`.
    pub struct Illinois {
        /// The sum of the RTTs in this round trip, in microseconds.
        pub sum_rtt: u64,
        /// How many there were.
        pub cnt_rtt: u16,
        /// The shortest RTT.
        pub base_rtt: Usecs32,
        /// The longest one.
        pub max_rtt: Usecs32,
        /// The sequence number whose ACK ends this round trip.
        pub end_seq: SeqNo,
        /// Growth in a round trip, in 1/128 packets.
        pub alpha: Wrapping32,
        /// What a loss takes, in 1/64 of the window.
        pub beta: Wrapping32,
        /// Packets that the last ACK acknowledged.
        pub acked: u16,
        /// Not 0 once the delay was more than short.
        pub rtt_above: u8,
        /// Round trips with a short delay since then.
        pub rtt_low: u8,
    }
}

/// Illinois.
pub struct Rillinois;

impl CongestionControl for Rillinois {
    type State = Illinois;

    const OPS: Ops<Self> = Ops {
        name: "rillinois",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(init),
            set_state: Some(set_state),
            pkts_acked: Some(pkts_acked),
            get_info: Some(get_info),
            ..Optional::NONE
        },
    };

    const PARAMETERS: Parameters = Params::DECLARED;
}

fn init(sk: &mut Sock<Init<Illinois>>) {
    let (sk, ca) = sk.split();
    ca.alpha = Wrapping32::new(ALPHA_MAX);
    ca.beta = Wrapping32::new(BETA_MAX);
    ca.base_rtt = Usecs32::new(i32::MAX as u32);
    ca.max_rtt = Usecs32::ZERO;
    ca.acked = 0;
    ca.rtt_low = 0;
    ca.rtt_above = 0;
    ca.begin_round(sk);
}

/// Is Reno after a timeout.
fn set_state(sk: &mut Sock, ca: &mut Illinois, new_state: CaState) {
    if new_state == CaState::LOSS {
        ca.be_reno();
        ca.rtt_low = 0;
        ca.rtt_above = 0;
        ca.begin_round(sk);
    }
}

fn pkts_acked(_: &mut Sock, ca: &mut Illinois, sample: &AckSample) {
    ca.acked = sample.pkts_acked().get() as u16;
    let Some(rtt) = sample.rtt() else {
        return;
    };
    let rtt = Usecs32::new((rtt.get() as u32).min(RTT_MAX));
    if ca.base_rtt > rtt {
        ca.base_rtt = rtt;
    }
    if ca.max_rtt < rtt {
        ca.max_rtt = rtt;
    }
    ca.cnt_rtt = ca.cnt_rtt.wrapping_add(1);
    ca.sum_rtt = ca.sum_rtt.wrapping_add(rtt.get().into());
}

/// Grows by `alpha / cwnd` for each packet acknowledged.
fn cong_avoid(sk: &mut Sock, ca: &mut Illinois, ack: SeqNo, acked: Acked) {
    if ack.after(ca.end_seq) {
        ca.update_params(sk);
    }
    if !sk.is_cwnd_limited() {
        return;
    }
    if sk.in_slow_start() {
        sk.slow_start(acked);
        return;
    }
    let cwnd = sk.snd_cwnd();
    let count = sk.snd_cwnd_cnt() + Packets::new(ca.acked.into());
    ca.acked = 1;
    let grown = (Wrapping32::from(count) * ca.alpha) >> ALPHA_SHIFT;
    if grown < Wrapping32::from(cwnd) {
        return sk.set_snd_cwnd_cnt(count);
    }
    let cwnd = cwnd + Packets::from(grown / Wrapping32::from(cwnd));
    sk.set_snd_cwnd(Cwnd::clamped(cwnd.min(sk.snd_cwnd_clamp())));
    sk.set_snd_cwnd_cnt(Packets::ZERO);
}

fn ssthresh(sk: &mut Sock, ca: &mut Illinois) -> Ssthresh {
    let cwnd = sk.snd_cwnd();
    Ssthresh::clamped(cwnd - ((cwnd * ca.beta.get()) >> BETA_SHIFT))
}

fn get_info(_: &Sock<Unlocked>, ca: &Illinois) -> Info {
    Info::Vegas(VegasInfo {
        enabled: 1,
        rttcnt: ca.cnt_rtt.into(),
        rtt: div64_or(ca.sum_rtt, ca.cnt_rtt.into(), 0) as u32,
        minrtt: ca.base_rtt.get(),
    })
}

/// Returns the part of the window that a loss takes, in 1/64: from 1/8 at a tenth of the longest
/// delay `dm` to 1/2 at eight tenths, on a straight line between.
pub fn beta(da: Wrapping32, dm: Wrapping32) -> u32 {
    let d2 = dm / 10;
    if da <= d2 {
        return BETA_MIN;
    }
    let d3 = (8 * dm) / 10;
    if da >= d3 || d3 <= d2 {
        return BETA_MAX;
    }
    // k3 = (bmin d3 - bmax d2) / (d3 - d2), k4 = (bmax - bmin) / (d3 - d2), beta = k3 + k4 da.
    let beta = (BETA_MIN * d3 - BETA_MAX * d2 + (BETA_MAX - BETA_MIN) * da) / (d3 - d2);
    beta.get()
}

impl Illinois {
    /// Begins a round trip, which ends when everything sent until now is acknowledged.
    fn begin_round(&mut self, sk: &Sock) {
        self.end_seq = sk.snd_nxt();
        self.cnt_rtt = 0;
        self.sum_rtt = 0;
    }

    /// Grows and shrinks as Reno.
    fn be_reno(&mut self) {
        self.alpha = Wrapping32::new(ALPHA_BASE);
        self.beta = Wrapping32::new(BETA_MAX);
    }

    /// Adjusts growth and shrinking to the delays of the round trip that ends.
    fn update_params(&mut self, sk: &Sock) {
        if sk.snd_cwnd().get() < Params::win_thresh() {
            self.be_reno();
        } else if self.cnt_rtt > 0 {
            let average = div64_or(self.sum_rtt, self.cnt_rtt.into(), 0) as u32;
            let da = Wrapping32::from(Usecs32::new(average) - self.base_rtt);
            let dm = Wrapping32::from(self.max_rtt - self.base_rtt);
            self.alpha = self.alpha(da, dm);
            self.beta = Wrapping32::new(beta(da, dm));
        }
        self.begin_round(sk);
    }

    /// Returns the growth with the average delay `da` and the longest one `dm`.
    fn alpha(&mut self, mut da: Wrapping32, mut dm: Wrapping32) -> Wrapping32 {
        let d1 = dm / 100;
        if da <= d1 {
            if self.rtt_above == 0 {
                return Wrapping32::new(ALPHA_MAX);
            }
            // One round trip with a short delay does not yet make it grow fast.
            self.rtt_low = self.rtt_low.wrapping_add(1);
            if u32::from(self.rtt_low) < Params::theta() {
                return self.alpha;
            }
            self.rtt_low = 0;
            self.rtt_above = 0;
            return Wrapping32::new(ALPHA_MAX);
        }
        self.rtt_above = 1;

        // k1 = (dm - d1) amin amax / (amax - amin), k2 = (dm - d1) amin / (amax - amin) - d1, and
        // alpha = k1 / (k2 + da).
        dm -= d1;
        da -= d1;
        (dm * ALPHA_MAX) / (dm + (da * (ALPHA_MAX - ALPHA_MIN)) / ALPHA_MIN)
    }
}
