// SPDX-License-Identifier: GPL-2.0-only

//! NV: Vegas for data centers, whose RTTs are short and noisy.
//!
//! A window is right if it gets the rate of the path and no more. Without a queue that is
//! `rate * min_rtt`; a window that is more than `nv_pad` packets above it has them in a queue. Once
//! in a round trip the window is compared with that:
//!
//! | window                            | what happens                                             |
//! |-----------------------------------|----------------------------------------------------------|
//! | more than `nv_pad` above          | loses 30 % of what is too much, and does not grow        |
//! | at least 2 less than `nv_pad`     | grows: by a packet in a round trip, or in 2^n after      |
//! | above                             | timeouts, for each 8 round trips without congestion more |
//! | between the two                   | stays                                                    |
//!
//! Since samples are noisy, the rate is the largest of many ACKs, and the RTT is smoothed; a
//! decision takes 20 samples to grow and 60 to shrink. The shortest RTT is forgotten every few
//! seconds, at random, so that connections do not do it at the same time; it may come from a BPF
//! program that knows the data center.
//!
//! The reference is [`net/ipv4/tcp_nv.c`](srctree/net/ipv4/tcp_nv.c) by Lawrence Brakmo, after
//! Brakmo, "TCP-NV: An Update to TCP-Vegas", NetDev 1.1, 2016. Results are the same, bit for bit,
//! wherever C is defined, and where the random number is the same. The differences:
//!
//! | input                                    | C                       | here                    |
//! |------------------------------------------|-------------------------|-------------------------|
//! | an MSS of 0                              | divides by it           | the quotient is 0       |
//! | a growth factor that only others set     | shifts by 32 or more    | nothing is left         |
//! | a threshold below 2 is to be set         | sets it                 | sets 2                  |
//! | a parameter below 0, a period of an hour | wraps                   | refused (`EINVAL`)      |

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    prelude::*,
    random_u32,
    Jiffies64,
    VegasInfo, //
};

/// A window that is this close to `nv_pad` does not grow, in packets.
const PAD_BUFFER: u32 = 2;

/// What is given up of the packets that are too many, in 1/128: 30 %.
const CONG_DEC_MULT: u32 = 30 * 128 / 100;

/// The threshold over the window that is right, in 1/8.
const SSTHRESH_FACTOR: u32 = 8;

/// The weight of a new RTT in the average, in 1/256.
const RTT_FACTOR: u64 = 128;

/// What a loss leaves of the window, in 1/1024: 80 %.
const LOSS_DEC_FACTOR: u32 = 819;

/// Decisions without congestion until a slow growth doubles.
const GROWTH_RATE_NEG: u32 = 8;

/// The slowest growth is by a packet in 2^8 round trips.
const GROWTH_MIN: i8 = -8;

/// Samples before the window shrinks, before it grows, and before slow start ends.
const DEC_EVAL_MIN_CALLS: u8 = 60;
const INC_EVAL_MIN_CALLS: u8 = 20;
const SSTHRESH_EVAL_MIN_CALLS: u8 = 30;

/// After so many round trips without a decision the window no longer grows.
const STOP_RTT_CNT: u8 = 10;

/// Round trips before the window shrinks again.
const RTT_MIN_CNT: u8 = 2;

/// There is no RTT yet.
const INIT_RTT: u32 = u32::MAX;

/// The window below which no decision is made, in packets: the least, by how much it grows, and the
/// most.
const MIN_CWND: u8 = 4;
const MIN_CWND_GROW: u8 = 2;
const TSO_CWND_BOUND: u8 = 80;

/// A rate is in 100 bits per second: this times bytes over microseconds.
const RATE_SCALE: u64 = 80_000;

parameters! {
    /// The parameters of C, under its names.
    pub struct Params {
        /// max queued packets allowed in network
        writable nv_pad: u32 = 10, 0..=i32::MAX as u32;
        // As many ticks as fit, up to a `HZ` of 1000.
        /// nv_min_rtt reset period (secs)
        writable nv_reset_period: u32 = 5, 0..=3_000;
        /// NV will not decrease cwnd below this value without losses
        writable nv_min_cwnd: u32 = 2, 0..=i32::MAX as u32;
    }
}

bit_fields! {
    /// Flags of a connection.
    pub struct NvFlags(u8) {
        /// Whether the window may grow.
        allow_cwnd_growth / set_allow_cwnd_growth: bool;
        /// Whether the state is to be reset when a recovery is over.
        reset / set_reset: bool;
        /// Whether the window grows only to where it was before.
        catchup / set_catchup: bool;
    }
}

state! {
    /// The state of a connection. The layout is that of C's `struct tcpnv`.
    pub struct Nv {
        /// When `min_rtt_new` takes the place of `min_rtt`.
        pub min_rtt_reset_jiffies: Jiffies64,
        /// Growth is by `4` or `cwnd >> factor` acknowledged packets, or `cwnd << -factor`.
        pub cwnd_growth_factor: i8,
        unused8: u8,
        unused16: u16,
        /// Flags.
        pub flags: NvFlags,
        /// Samples since the last decision.
        pub eval_call_cnt: u8,
        /// No decision is made in a smaller window, in packets: it is sent in one burst, and has
        /// one ACK in a round trip.
        pub min_cwnd: u8,
        /// Round trips since the last decision.
        pub rtt_cnt: u8,
        /// The averaged RTT, in microseconds; 0 for none.
        pub last_rtt: u32,
        /// The shortest RTT, in microseconds.
        pub min_rtt: u32,
        /// The shortest one since the last reset.
        pub min_rtt_new: u32,
        /// The longest RTT that the shortest one may be; 0 for any.
        pub base_rtt: u32,
        /// The shortest that it may be; 0 for any.
        pub lower_bound_rtt: u32,
        /// The largest rate since the last decision, in 100 bits per second.
        pub rtt_max_rate: u32,
        /// The sequence number whose ACK ends this round trip.
        pub rtt_start_seq: SeqNo,
        /// What was acknowledged up to the last ACK.
        pub last_snd_una: SeqNo,
        /// Decisions without congestion.
        pub no_cong_cnt: u32,
    }
}

/// NV.
pub struct Rnv;

impl CongestionControl for Rnv {
    type State = Nv;

    const OPS: Ops<Self> = Ops {
        name: "rnv",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh: |sk, _| Ssthresh::clamped((sk.snd_cwnd() * LOSS_DEC_FACTOR) >> 10),
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

fn init(sk: &mut Sock<Init<Nv>>) {
    let base_rtt = sk.base_rtt().map_or(0, Usecs32::get);
    let (sk, ca) = sk.split();
    ca.reset(sk);
    ca.base_rtt = base_rtt;
    // 80 %, with the sign of C's `int`.
    ca.lower_bound_rtt = ((base_rtt as i32).wrapping_mul(205) >> 8) as u32;
    ca.flags.set_allow_cwnd_growth(true);
    ca.min_rtt_reset_jiffies = Jiffies64::now() + Ticks::new(2) * hz() as i32;
    ca.min_rtt = INIT_RTT;
    ca.min_rtt_new = INIT_RTT;
    ca.min_cwnd = MIN_CWND;
    ca.flags.set_catchup(false);
    ca.cwnd_growth_factor = 0;
}

fn cong_avoid(sk: &mut Sock, ca: &mut Nv, _ack: SeqNo, acked: Acked) {
    if !sk.is_cwnd_limited() || !ca.flags.allow_cwnd_growth() {
        return;
    }
    let in_slow_start = sk.in_slow_start();
    let left = sk.slow_start(acked);
    if in_slow_start && left.is_zero() {
        return;
    }
    let factor = ca.cwnd_growth_factor;
    let (cwnd, shift) = (sk.snd_cwnd(), u32::from(factor.unsigned_abs()));
    let cnt = if factor < 0 {
        cwnd << shift
    } else {
        (cwnd >> shift).max(Packets::new(4))
    };
    sk.cong_avoid_ai(cnt, left);
}

/// Does not grow after a loss, and more slowly after a timeout.
fn set_state(sk: &mut Sock, ca: &mut Nv, new_state: CaState) {
    match new_state {
        CaState::OPEN if ca.flags.reset() => ca.reset(sk),
        CaState::LOSS | CaState::CWR | CaState::RECOVERY => {
            ca.flags.set_reset(true);
            ca.flags.set_allow_cwnd_growth(false);
            if new_state == CaState::LOSS {
                let factor = ca.cwnd_growth_factor.min(0);
                let slower = i8::from(factor > GROWTH_MIN);
                ca.cwnd_growth_factor = factor.wrapping_sub(slower);
            }
        }
        _ => (),
    }
}

fn pkts_acked(sk: &mut Sock, ca: &mut Nv, sample: &AckSample) {
    let Some(rtt) = sample.rtt() else {
        return;
    };
    if !matches!(sk.ca_state(), CaState::OPEN | CaState::DISORDER) {
        return;
    }
    if ca.flags.catchup() && sk.snd_cwnd().get() >= Params::nv_min_cwnd() {
        ca.flags.set_catchup(false);
        ca.flags.set_allow_cwnd_growth(false);
    }
    let bytes_acked = sk.snd_una().since(ca.last_snd_una);
    ca.last_snd_una = sk.snd_una();
    if sample.in_flight().is_zero() {
        return;
    }
    ca.measure(rtt.get() as u32, sample.in_flight());
    if ca.rtt_start_seq.before(sk.snd_una()) {
        ca.end_round(sk, bytes_acked);
    }
}

fn get_info(_: &Sock<Unlocked>, ca: &Nv) -> Info {
    Info::Vegas(VegasInfo {
        enabled: 1,
        rttcnt: ca.rtt_cnt.into(),
        rtt: ca.last_rtt,
        minrtt: ca.min_rtt,
    })
}

impl Nv {
    /// Begins to measure.
    fn reset(&mut self, sk: &Sock) {
        self.flags.set_reset(false);
        self.no_cong_cnt = 0;
        self.last_rtt = 0;
        self.rtt_start_seq = sk.snd_una();
        self.last_snd_una = sk.snd_una();
        self.begin_decision();
    }

    /// Begins to measure for the next decision.
    fn begin_decision(&mut self) {
        self.eval_call_cnt = 0;
        self.rtt_cnt = 0;
        self.rtt_max_rate = 0;
    }

    /// Takes the RTT of an ACK, and the bytes that were delivered meanwhile.
    fn measure(&mut self, rtt: u32, in_flight: Bytes) {
        let average = if self.last_rtt > 0 {
            let (new, old) = (u64::from(rtt), u64::from(self.last_rtt));
            let sum = new.wrapping_mul(RTT_FACTOR);
            (sum.wrapping_add(old.wrapping_mul(256 - RTT_FACTOR)) >> 8) as u32
        } else {
            self.min_rtt = rtt << 1;
            rtt
        };
        self.last_rtt = average;
        let rate = u64::from(in_flight.get()).wrapping_mul(RATE_SCALE);
        let rate = div64_or(rate, average.max(1).into(), 0) as u32;
        self.rtt_max_rate = self.rtt_max_rate.max(rate);
        self.eval_call_cnt = self.eval_call_cnt.saturating_add(1);

        let bounded = self.bounded(average);
        self.min_rtt = self.min_rtt.min(bounded);
        self.min_rtt_new = self.min_rtt_new.min(bounded);
        let now = Jiffies64::now();
        if !now.before(self.min_rtt_reset_jiffies) {
            self.min_rtt = self.min_rtt_new;
            self.min_rtt_new = INIT_RTT;
            self.min_rtt_reset_jiffies = now + random_period();
            // A larger one may no longer be needed.
            self.min_cwnd = (self.min_cwnd / 2).max(MIN_CWND);
        }
    }

    /// Returns an RTT that the shortest one may be.
    fn bounded(&self, rtt: u32) -> u32 {
        if self.lower_bound_rtt > 0 && rtt < self.lower_bound_rtt {
            self.lower_bound_rtt
        } else if self.base_rtt > 0 && rtt > self.base_rtt {
            self.base_rtt
        } else {
            rtt
        }
    }

    /// Decides about the window, if a round trip has given enough samples for that.
    fn end_round(&mut self, sk: &mut Sock, bytes_acked: Bytes) {
        self.rtt_start_seq = sk.snd_nxt();
        self.rtt_cnt = self.rtt_cnt.saturating_add(1);

        let mss = sk.mss_cache();
        if self.eval_call_cnt == 1
            && bytes_acked >= mss * u32::from(self.min_cwnd).wrapping_sub(1)
            && self.min_cwnd <= TSO_CWND_BOUND
        {
            // A round trip with one ACK: the window is one burst.
            self.min_cwnd = self
                .min_cwnd
                .wrapping_add(MIN_CWND_GROW)
                .min(TSO_CWND_BOUND + 1);
            self.rtt_start_seq = sk.snd_nxt() + mss * self.min_cwnd.into();
            self.eval_call_cnt = 0;
            self.flags.set_allow_cwnd_growth(true);
            return;
        }

        // The window that the rate fills without a queue.
        let bits = u64::from(self.rtt_max_rate).wrapping_mul(self.min_rtt.into());
        let packet = RATE_SCALE.wrapping_mul(mss.get().into());
        let right = Wrapping32::new(div64_or(bits, packet, 0) as u32);
        let most = right + Params::nv_pad();
        let cwnd = Wrapping32::from(sk.snd_cwnd());
        let is_decided = if cwnd > most {
            self.shrink(sk, cwnd, most)
        } else {
            cwnd <= most - PAD_BUFFER && self.grow()
        };
        if is_decided {
            self.begin_decision();
            let least = Params::nv_min_cwnd();
            if sk.snd_cwnd().get() < least {
                sk.set_snd_cwnd(Cwnd::clamped(Packets::new(least)));
            }
        }
    }

    /// Shrinks the window, which is larger than `most`, if there were enough samples. Returns
    /// whether there were.
    fn shrink(&mut self, sk: &mut Sock, cwnd: Wrapping32, most: Wrapping32) -> bool {
        if self.rtt_cnt < RTT_MIN_CNT {
            return false;
        }
        if sk.snd_ssthresh() == Ssthresh::INFINITE {
            if self.eval_call_cnt < SSTHRESH_EVAL_MIN_CALLS {
                return false;
            }
        } else if self.eval_call_cnt < DEC_EVAL_MIN_CALLS {
            if self.rtt_cnt > STOP_RTT_CNT {
                self.flags.set_allow_cwnd_growth(false);
            }
            return false;
        }

        self.flags.set_allow_cwnd_growth(false);
        let ssthresh = (SSTHRESH_FACTOR * most) >> 3;
        sk.set_snd_ssthresh(Ssthresh::clamped(Packets::from(ssthresh)));
        let gap = cwnd - most;
        let shrunk = if gap > 2 {
            let dec = (gap * CONG_DEC_MULT) >> 7;
            cwnd - dec.max(Wrapping32::new(2))
        } else {
            most
        };
        sk.set_snd_cwnd(Cwnd::clamped(Packets::from(shrunk)));
        self.cwnd_growth_factor = self.cwnd_growth_factor.min(0);
        self.no_cong_cnt = 0;
        true
    }

    /// Lets the window grow, if there were enough samples. Returns whether there were.
    fn grow(&mut self) -> bool {
        if self.eval_call_cnt < INC_EVAL_MIN_CALLS {
            return false;
        }
        self.flags.set_allow_cwnd_growth(true);
        self.no_cong_cnt = self.no_cong_cnt.wrapping_add(1);
        if self.cwnd_growth_factor < 0 && self.no_cong_cnt > GROWTH_RATE_NEG {
            self.cwnd_growth_factor = self.cwnd_growth_factor.saturating_add(1);
            self.no_cong_cnt = 0;
        }
        true
    }
}

/// Returns the time until the shortest RTT is forgotten: 3/4 to 5/4 of the period, at random.
fn random_period() -> Ticks {
    let random = i32::from(random_u32() as u8).wrapping_add(384);
    let period = (Params::nv_reset_period() as i32).wrapping_mul(random);
    Ticks::new(period.wrapping_mul(hz() as i32) >> 9)
}
