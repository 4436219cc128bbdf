// SPDX-License-Identifier: GPL-2.0-only

//! BBR, version 1: bottleneck bandwidth and round-trip propagation time.
//!
//! It does not wait for losses or delays to tell it that the path is full. It measures how fast
//! packets are delivered at most (`bw`, over ten round trips), and how short a round trip is at
//! least (`min_rtt`, over ten seconds). It sends at `pacing_gain * bw`, and has no more than about
//! `cwnd_gain * bw * min_rtt` in flight. The gains depend on the mode:
//!
//! | mode     | pacing gain                  | cwnd gain | until                                 |
//! |----------|------------------------------|-----------|---------------------------------------|
//! | Startup  | 2.89                         | 2.89      | in three rounds `bw` hardly grew      |
//! | Drain    | 0.35                         | 2.89      | `bw * min_rtt` is in flight, not more |
//! | ProbeBW  | 1.25, 0.75, then six times 1 | 2         | `min_rtt` is ten seconds old          |
//! | ProbeRTT | 1                            | 1         | 200 ms and a round trip have passed   |
//!
//! ProbeRTT has at most four packets in flight. It is entered from any mode, and left for ProbeBW,
//! or for Startup if that has never ended.
//!
//! Cardwell, Cheng, Gunn, Hassas Yeganeh and Jacobson, "BBR: Congestion-Based Congestion Control",
//! ACM Queue 14(5), 2016. The sections named below are those of the [draft] of July 2017.
//!
//! [draft]: https://datatracker.ietf.org/doc/html/draft-cardwell-iccrg-bbr-congestion-control-00
//!
//! The twin of [`net/ipv4/tcp_bbr.c`](srctree/net/ipv4/tcp_bbr.c) by Van Jacobson, Neal Cardwell,
//! Yuchung Cheng and Soheil Hassas Yeganeh, with what it has beyond the draft: the long-term
//! bandwidth behind a policer, and aggregated ACKs. It decides as the twin does, bit for bit,
//! wherever the twin is defined. The twin divides by an MSS of 0; here nothing goes into it. It
//! warns of a mode that there is not, where gains stay as they are here too, and of a window of 0
//! or of 2^31 packets and more, which it sets; here such a window, or threshold, is the nearest
//! that is one.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    div64_or,
    div_or,
    hz,
    max_tcp_header,
    minmax::MinMax,
    prelude::*,
    random_below,
    usecs_to_jiffies,
    BbrInfo,
    BitField,
    LookupTable,
    SmallArray, //
};

/// Bandwidths are in packets per microsecond, times 2^24: a unit is about 715 bit/s.
const BW_SCALE: u32 = 24;

/// Gains and other ratios are in 1/256.
const BBR_SCALE: u32 = 8;

/// A gain of 1.
const BBR_UNIT: u32 = 1 << BBR_SCALE;

/// Microseconds in a millisecond.
const USEC_PER_MSEC: u32 = 1_000;

/// The mode, by its number in the state (section 4.3).
///
/// It has three bits and four values. The others are never set, but a state may be any bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode(u32);

impl Mode {
    /// Looks for the bandwidth: doubles the rate each round trip.
    pub const STARTUP: Self = Self(0);
    /// Drains the queue that Startup has built.
    pub const DRAIN: Self = Self(1);
    /// Paces around the bandwidth, now and then above it, to see whether there is more.
    pub const PROBE_BW: Self = Self(2);
    /// Sends next to nothing, to see how short a round trip is.
    pub const PROBE_RTT: Self = Self(3);
}

impl BitField for Mode {
    #[inline(always)]
    fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    #[inline(always)]
    fn into_bits(self) -> u32 {
        self.0
    }
}

/// Phases of a cycle in ProbeBW.
const CYCLE_LEN: u32 = 8;

/// The phase in which ProbeBW begins is one of so many: any but the second (section 4.3.4.2).
const CYCLE_RAND: u32 = 7;

/// The pacing gain in each phase (section 4.3.4.1).
const PACING_GAIN: LookupTable<u32, { CYCLE_LEN as usize }> = LookupTable::new([
    BBR_UNIT * 5 / 4,
    BBR_UNIT * 3 / 4,
    BBR_UNIT,
    BBR_UNIT,
    BBR_UNIT,
    BBR_UNIT,
    BBR_UNIT,
    BBR_UNIT,
]);

/// 2/ln(2): the least with which the rate doubles each round trip (section 4.3.2.1).
const HIGH_GAIN: u32 = BBR_UNIT * 2885 / 1000 + 1;

/// The inverse of that: drains the queue in a round trip (section 4.3.3).
const DRAIN_GAIN: u32 = BBR_UNIT * 1000 / 2885;

/// The window's gain in ProbeBW: room for ACKs that come late, or many at once (section 4.3.4.1).
const CWND_GAIN: u32 = BBR_UNIT * 2;

/// Round trips for which a bandwidth counts: a cycle and a little more (section 4.1.1.2).
const BW_RTTS: u32 = CYCLE_LEN + 2;

/// Seconds for which an RTT counts (section 4.1.2.2).
const MIN_RTT_WIN_SEC: u32 = 10;

/// Microseconds that ProbeRTT takes at least (section 4.3.5).
const PROBE_RTT_MODE_US: u32 = 200_000;

/// What to pace below the bandwidth, in per cent, so that a queue does not stay.
const PACING_MARGIN_PERCENT: u64 = 1;

/// The pacing rate below which packets are sent one by one (section 4.2.2): 1.2 Mbit/s.
const MIN_TSO_RATE: BytesPerSec = BytesPerSec::new(1_200_000 / 8);

/// The most packets to hand to the device at once.
const MAX_TSO_SEGS: Packets = Packets::new(0x7f);

/// The most bytes to hand to the device at once, headers included (`GSO_LEGACY_MAX_SIZE`).
const GSO_LEGACY_MAX_SIZE: u32 = 65_536;

/// The window of a new connection (`TCP_INIT_CWND`).
const INIT_CWND: Packets = Packets::new(10);

/// The smallest window, and the one in ProbeRTT: at every time two packets and two ACKs are under
/// way (section 4.2.3.3).
const CWND_MIN_TARGET: Packets = Packets::new(4);

/// The path is not full yet if `bw` grows by this in a round (section 4.3.2.2).
const FULL_BW_THRESH: u32 = BBR_UNIT * 5 / 4;

/// After so many rounds in which it does not, it is full.
const FULL_BW_CNT: u32 = 3;

/// Round trips of which a long-term bandwidth is measured at least; at most four times that.
const LT_INTVL_MIN_RTTS: u32 = 4;

/// With this part lost of what is delivered, there may be a policer: 20 %.
const LT_LOSS_THRESH: u32 = 50;

/// Two long-term bandwidths are the same if they differ by an eighth,
const LT_BW_RATIO: u32 = BBR_UNIT / 8;

/// or by 4 kbit/s.
const LT_BW_DIFF: BytesPerSec = BytesPerSec::new(4_000 / 8);

/// Round trips for which a long-term bandwidth is kept to.
const LT_BW_MAX_RTTS: u32 = 48;

/// Rounds for which each of the two maxima of aggregation counts.
const EXTRA_ACKED_WIN_RTTS: u32 = 5;

/// With so many packets acknowledged aggregation is measured from new.
const ACK_EPOCH_ACKED_RESET_THRESH: u32 = 1 << 20;

/// The most that aggregation adds to the window: what is delivered in so many microseconds.
const EXTRA_ACKED_MAX_US: u64 = 100_000;

bit_fields! {
    /// Where the connection stands.
    pub struct Status(u32) {
        /// The mode.
        mode / set_mode: 3 as Mode;
        /// The congestion state at the last ACK.
        prev_ca_state / set_prev_ca_state: 3 as CaState;
        /// Whether as many packets are sent as are acknowledged: the first round of a recovery.
        packet_conservation / set_packet_conservation: bool;
        /// Whether this ACK began a round.
        round_start / set_round_start: bool;
        /// Whether the connection was idle, and nothing was acknowledged since.
        idle_restart / set_idle_restart: bool;
        /// Whether ProbeRTT has lasted for a round.
        probe_rtt_round_done / set_probe_rtt_round_done: bool;
        _: 13;
        /// Whether a long-term bandwidth is being measured.
        lt_is_sampling / set_lt_is_sampling: bool;
        /// Rounds since that began, or since one is kept to.
        lt_rtt_cnt / set_lt_rtt_cnt: 7;
        /// Whether the long-term bandwidth stands for `bw`.
        lt_use_bw / set_lt_use_bw: bool;
    }
}

bit_fields! {
    /// How much to send.
    pub struct Gains(u32) {
        /// The pacing rate, in 1/256 of `bw`.
        pacing_gain / set_pacing_gain: 10;
        /// The window, in 1/256 of `bw * min_rtt`.
        cwnd_gain / set_cwnd_gain: 10;
        /// Whether the path was ever full.
        full_bw_reached / set_full_bw_reached: bool;
        /// Rounds in which `bw` did not grow much.
        full_bw_cnt / set_full_bw_cnt: 2;
        /// The phase in ProbeBW, an index of [`PACING_GAIN`].
        cycle_idx / set_cycle_idx: 3;
        /// Whether the pacing rate comes from an RTT that was measured.
        has_seen_rtt / set_has_seen_rtt: bool;
        _: 5;
    }
}

bit_fields! {
    /// How ACKs are aggregated.
    pub struct Aggregation(u32) {
        /// Packets acknowledged since `ack_epoch_mstamp`.
        ack_epoch_acked / set_ack_epoch_acked: 20;
        /// Rounds for which the current maximum was measured.
        extra_acked_win_rtts / set_extra_acked_win_rtts: 5;
        /// Which of the two maxima that is.
        extra_acked_win_idx / set_extra_acked_win_idx: 1;
        _: 6;
    }
}

state! {
    /// What BBR remembers of a connection. The layout is that of `struct bbr`.
    pub struct Bbr {
        /// The shortest RTT, in microseconds; all ones for none.
        pub min_rtt_us: u32,
        /// When that was measured.
        pub min_rtt_stamp: Jiffies32,
        /// When ProbeRTT may end; 0 as long as there is too much in flight.
        pub probe_rtt_done_stamp: Jiffies32,
        /// The largest bandwidth, by rounds.
        pub bw: MinMax,
        /// Rounds.
        pub rtt_cnt: u32,
        /// The round ends when a packet is acknowledged that was sent with so many delivered.
        pub next_rtt_delivered: Packets,
        /// When this phase of ProbeBW began.
        pub cycle_mstamp: Micros64,
        /// Where the connection stands.
        pub status: Status,
        /// The long-term bandwidth; 0 for none.
        pub lt_bw: u32,
        /// [`Sock::delivered`] when its measurement began.
        pub lt_last_delivered: Packets,
        /// When that was, in milliseconds.
        pub lt_last_stamp: u32,
        /// [`Sock::lost`] then.
        pub lt_last_lost: Packets,
        /// How much to send.
        pub gains: Gains,
        /// The window before a recovery or ProbeRTT.
        pub prior_cwnd: Packets,
        /// The bandwidth that more than 25 % were last added to.
        pub full_bw: u32,
        /// When aggregation began to be measured.
        pub ack_epoch_mstamp: Micros64,
        /// The most packets acknowledged beyond what was expected, now and in the rounds before.
        pub extra_acked: SmallArray<u16, 2>,
        /// How ACKs are aggregated.
        pub aggregation: Aggregation,
    }
}

/// BBR.
pub struct Rbbr;

impl CongestionControl for Rbbr {
    type State = Bbr;

    const OPS: Ops<Self> = Ops {
        name: "rbbr",
        flags: Flags::NON_RESTRICTED,
        control: Control::CongControl(cong_control),
        ssthresh,
        undo_cwnd,
        hooks: Hooks {
            init: Some(init),
            set_state: Some(set_state),
            cwnd_event_tx_start: Some(cwnd_event_tx_start),
            min_tso_segs: Some(|sk, _| min_tso_segs(sk)),
            // Startup may double the window even while losses are repaired.
            sndbuf_expand: Some(|_, _| 3),
            get_info: Some(get_info),
            ..Hooks::NONE
        },
    };
}

fn init(sk: &mut Sock<Init<Bbr>>) {
    let (sk, ca) = sk.split();
    ca.prior_cwnd = Packets::ZERO;
    sk.set_snd_ssthresh(Ssthresh::INFINITE);
    ca.rtt_cnt = 0;
    ca.next_rtt_delivered = sk.delivered();
    ca.probe_rtt_done_stamp = Jiffies32::ZERO;
    ca.min_rtt_us = sk.min_rtt_us();
    ca.min_rtt_stamp = Jiffies32::now();
    ca.bw.reset(0, 0);

    ca.gains.set_has_seen_rtt(false);
    ca.gains.set_full_bw_reached(false);
    ca.gains.set_full_bw_cnt(0);
    ca.gains.set_cycle_idx(0);
    ca.full_bw = 0;
    ca.init_pacing_rate_from_rtt(sk);

    ca.status.set_mode(Mode::STARTUP);
    ca.status.set_prev_ca_state(CaState::OPEN);
    ca.status.set_packet_conservation(false);
    ca.status.set_round_start(false);
    ca.status.set_idle_restart(false);
    ca.status.set_probe_rtt_round_done(false);
    ca.reset_lt_bw_sampling(sk);
    ca.cycle_mstamp = Micros64::ZERO;

    ca.ack_epoch_mstamp = sk.tcp_mstamp();
    ca.aggregation.set_ack_epoch_acked(0);
    ca.aggregation.set_extra_acked_win_rtts(0);
    ca.aggregation.set_extra_acked_win_idx(0);
    ca.extra_acked = SmallArray::new([0, 0]);

    sk.request_pacing();
}

fn cong_control(sk: &mut Sock, ca: &mut Bbr, _ack: SeqNo, _flags: AckFlags, rs: &RateSample) {
    let acked = rs.acked_sacked().packets();
    let is_rate = ca.update_bw(sk, rs);
    if is_rate && !acked.is_zero() {
        ca.update_ack_aggregation(sk, acked.get());
    }
    ca.update_cycle_phase(sk, rs);
    ca.check_full_bw_reached(rs);
    ca.check_drain(sk);
    ca.update_min_rtt(sk, rs);
    ca.update_gains();

    let bw = ca.bw();
    ca.set_pacing_rate(sk, bw, ca.gains.pacing_gain());
    ca.set_cwnd(sk, rs, acked, bw);
}

/// A recovery begins: the window is noted, to go back to it. The threshold says nothing here.
fn ssthresh(sk: &mut Sock, ca: &mut Bbr) -> Ssthresh {
    ca.save_cwnd(sk);
    sk.snd_ssthresh()
}

/// The loss was none, and what was concluded from it may be wrong: whether the path is full, and
/// whether there is a policer.
fn undo_cwnd(sk: &mut Sock, ca: &mut Bbr) -> Cwnd {
    ca.full_bw = 0;
    ca.gains.set_full_bw_cnt(0);
    ca.reset_lt_bw_sampling(sk);
    sk.snd_cwnd()
}

/// A timeout ends the round.
fn set_state(sk: &mut Sock, ca: &mut Bbr, new_state: CaState) {
    if new_state == CaState::LOSS {
        ca.status.set_prev_ca_state(CaState::LOSS);
        ca.full_bw = 0;
        ca.status.set_round_start(true);
        ca.lt_bw_sampling(sk, true, false);
    }
}

/// Sending begins again after an idle time (section 4.3.4.4).
fn cwnd_event_tx_start(sk: &mut Sock<Event<Bbr>>) {
    let (sk, ca) = sk.split();
    if sk.app_limited().is_zero() {
        return;
    }
    ca.status.set_idle_restart(true);
    ca.ack_epoch_mstamp = sk.tcp_mstamp();
    ca.aggregation.set_ack_epoch_acked(0);
    match ca.status.mode() {
        // No faster than the path.
        Mode::PROBE_BW => ca.set_pacing_rate(sk, ca.bw(), BBR_UNIT),
        Mode::PROBE_RTT => ca.check_probe_rtt_done(sk),
        _ => {}
    }
}

fn get_info(sk: &Sock<Unlocked>, ca: &Bbr) -> Info {
    let bytes = u64::from(ca.bw()).wrapping_mul(sk.mss_cache().into());
    Info::Bbr(BbrInfo {
        bw: bytes.wrapping_mul(1_000_000) >> BW_SCALE,
        min_rtt: ca.min_rtt_us,
        pacing_gain: ca.gains.pacing_gain(),
        cwnd_gain: ca.gains.cwnd_gain(),
    })
}

/// What the path is held to be.
impl Bbr {
    /// The bandwidth to keep to.
    fn bw(&self) -> u32 {
        if self.status.lt_use_bw() {
            self.lt_bw
        } else {
            self.bw.get()
        }
    }

    /// What the path holds at a bandwidth, times `gain`.
    fn bdp(&self, bw: u32, gain: u32) -> Packets {
        if self.min_rtt_us == u32::MAX {
            // No RTT yet: every packet that was acknowledged had been sent twice.
            return INIT_CWND;
        }
        let bdp = u64::from(bw).wrapping_mul(self.min_rtt_us.into());
        let bdp = bdp.wrapping_mul(gain.into()) >> BBR_SCALE;
        // Rounded up: what is too little would be measured, and become even less.
        Packets::new((bdp.wrapping_add((1 << BW_SCALE) - 1) >> BW_SCALE) as u32)
    }

    /// `cwnd` and what the ends of the path hold of it: large packets in the sender's queue, in its
    /// device, and at the receiver (section 4.2.3.2).
    fn quantization_budget(&self, sk: &Sock, cwnd: Packets) -> Packets {
        let cwnd = cwnd + tso_segs_goal(sk) * 3;
        // An odd packet would wait for the receiver's delayed ACK.
        let cwnd = (cwnd + Packets::new(1)) / 2 * 2;
        if self.status.mode() == Mode::PROBE_BW && self.gains.cycle_idx() == 0 {
            // However little the path holds, probing is to put more into it.
            cwnd + Packets::new(2)
        } else {
            cwnd
        }
    }

    /// How much to have in flight at a bandwidth, times `gain`.
    fn inflight(&self, sk: &Sock, bw: u32, gain: u32) -> Packets {
        self.quantization_budget(sk, self.bdp(bw, gain))
    }

    /// How much of what is in flight will be in the network when the next packet leaves: pacing
    /// holds back the rest (`tcp_wstamp_ns`, the earliest departure time).
    fn packets_in_net_at_edt(&self, sk: &Sock, inflight_now: Packets) -> Packets {
        let now_ns = sk.tcp_clock_cache();
        let wait_ns = sk.tcp_wstamp_ns().max(now_ns).wrapping_sub(now_ns);
        let delivered = u64::from(self.bw()).wrapping_mul(wait_ns / 1_000) >> BW_SCALE;
        let delivered = Packets::new(delivered as u32);

        let mut inflight_at_edt = inflight_now;
        if self.gains.pacing_gain() > BBR_UNIT {
            // It is to grow, so that packet counts.
            inflight_at_edt += tso_segs_goal(sk);
        }
        if delivered >= inflight_at_edt {
            Packets::ZERO
        } else {
            inflight_at_edt - delivered
        }
    }

    /// Takes in a delivery rate (section 4.1.1), if the sample has one.
    fn update_bw(&mut self, sk: &Sock, rs: &RateSample) -> bool {
        self.status.set_round_start(false);
        let (Some(delivered), Some(interval_us)) = (rs.delivered(), rs.interval_us()) else {
            return false;
        };

        // Both count packets, and wrap.
        if (rs.prior_delivered() - self.next_rtt_delivered).get() as i32 >= 0 {
            self.next_rtt_delivered = sk.delivered();
            self.rtt_cnt = self.rtt_cnt.wrapping_add(1);
            self.status.set_round_start(true);
            self.status.set_packet_conservation(false);
        }

        self.lt_bw_sampling(sk, !rs.losses().is_zero(), rs.is_app_limited());

        let bw = (u64::from(delivered.get()) << BW_SCALE) / interval_us;
        // Where the application is the limit, the rate says what the path carries at least.
        if !rs.is_app_limited() || bw >= self.bw.get().into() {
            self.bw.running_max(BW_RTTS, self.rtt_cnt, bw as u32);
        }
        true
    }

    /// Takes in an RTT (section 4.1.2), and sees to ProbeRTT (section 4.3.5).
    fn update_min_rtt(&mut self, sk: &mut Sock, rs: &RateSample) {
        let now = Jiffies32::now();
        let window = Ticks::new(hz().wrapping_mul(MIN_RTT_WIN_SEC) as i32);
        let is_old = now.after(self.min_rtt_stamp + window);
        if let Some(rtt_us) = rs.rtt_us() {
            if rtt_us < self.min_rtt_us.into() || (is_old && !rs.is_ack_delayed()) {
                self.min_rtt_us = rtt_us as u32;
                self.min_rtt_stamp = now;
            }
        }

        if is_old && !self.status.idle_restart() && self.status.mode() != Mode::PROBE_RTT {
            self.status.set_mode(Mode::PROBE_RTT);
            self.save_cwnd(sk);
            self.probe_rtt_done_stamp = Jiffies32::ZERO;
        }

        if self.status.mode() == Mode::PROBE_RTT {
            let in_flight = sk.packets_in_flight();
            // So few packets say nothing of the bandwidth.
            sk.set_app_limited((sk.delivered() + in_flight).max(Packets::new(1)));
            if !self.probe_rtt_done_stamp.is_zero() {
                if self.status.round_start() {
                    self.status.set_probe_rtt_round_done(true);
                }
                if self.status.probe_rtt_round_done() {
                    self.check_probe_rtt_done(sk);
                }
            } else if in_flight <= CWND_MIN_TARGET {
                let duration = Ticks::new(usecs_to_jiffies(PROBE_RTT_MODE_US) as i32);
                self.probe_rtt_done_stamp = now + duration;
                self.status.set_probe_rtt_round_done(false);
                self.next_rtt_delivered = sk.delivered();
            }
        }

        if rs.delivered() > Some(Packets::ZERO) {
            self.status.set_idle_restart(false);
        }
    }

    /// Ends ProbeRTT when its time is over.
    fn check_probe_rtt_done(&mut self, sk: &mut Sock) {
        let now = Jiffies32::now();
        if self.probe_rtt_done_stamp.is_zero() || !now.after(self.probe_rtt_done_stamp) {
            return;
        }
        self.min_rtt_stamp = now;
        sk.set_snd_cwnd(Cwnd::clamped(sk.snd_cwnd().packets().max(self.prior_cwnd)));
        if self.gains.full_bw_reached() {
            self.enter_probe_bw(sk.delivered_mstamp());
        } else {
            self.status.set_mode(Mode::STARTUP);
        }
    }
}

/// The modes, other than ProbeRTT (section 4.3).
impl Bbr {
    /// Begins a cycle, in a random phase so that connections that share a path mix.
    #[cold]
    fn enter_probe_bw(&mut self, now: Micros64) {
        self.status.set_mode(Mode::PROBE_BW);
        let before = CYCLE_LEN
            .wrapping_sub(1)
            .wrapping_sub(random_below(CYCLE_RAND));
        self.gains.set_cycle_idx(before);
        self.advance_cycle_phase(now);
    }

    /// Begins the next phase of the cycle.
    fn advance_cycle_phase(&mut self, now: Micros64) {
        // Its three bits wrap.
        self.gains
            .set_cycle_idx(self.gains.cycle_idx().wrapping_add(1));
        self.cycle_mstamp = now;
    }

    /// Begins the next phase of the cycle if it is time (section 4.3.4.3).
    fn update_cycle_phase(&mut self, sk: &Sock, rs: &RateSample) {
        if self.status.mode() == Mode::PROBE_BW && self.is_next_cycle_phase(sk, rs) {
            self.advance_cycle_phase(sk.delivered_mstamp());
        }
    }

    /// Whether this phase is over: after an RTT, later if there is not yet as much in flight as
    /// there is to be, earlier if the queue is gone.
    fn is_next_cycle_phase(&self, sk: &Sock, rs: &RateSample) -> bool {
        let passed_us = sk.delivered_mstamp().us_since(self.cycle_mstamp);
        let is_full_length = passed_us > self.min_rtt_us;
        let pacing_gain = self.gains.pacing_gain();
        if pacing_gain == BBR_UNIT {
            return is_full_length;
        }

        let inflight = self.packets_in_net_at_edt(sk, rs.prior_in_flight());
        let bw = self.bw.get();
        if pacing_gain > BBR_UNIT {
            // With losses the path may not hold so much.
            is_full_length
                && (!rs.losses().is_zero() || inflight >= self.inflight(sk, bw, pacing_gain))
        } else {
            is_full_length || inflight <= self.inflight(sk, bw, BBR_UNIT)
        }
    }

    /// Looks at a round's bandwidth, for whether the path is full (section 4.3.2.2).
    fn check_full_bw_reached(&mut self, rs: &RateSample) {
        if self.gains.full_bw_reached() || !self.status.round_start() || rs.is_app_limited() {
            return;
        }
        let thresh = (u64::from(self.full_bw).wrapping_mul(FULL_BW_THRESH.into())) >> BBR_SCALE;
        if self.bw.get() >= thresh as u32 {
            self.full_bw = self.bw.get();
            self.gains.set_full_bw_cnt(0);
            return;
        }
        self.gains
            .set_full_bw_cnt(self.gains.full_bw_cnt().wrapping_add(1));
        self.gains
            .set_full_bw_reached(self.gains.full_bw_cnt() >= FULL_BW_CNT);
    }

    /// Ends Startup when the path is full, and Drain when the queue is gone (section 4.3.3).
    fn check_drain(&mut self, sk: &mut Sock) {
        if self.status.mode() == Mode::STARTUP && self.gains.full_bw_reached() {
            self.status.set_mode(Mode::DRAIN);
            let full = self.inflight(sk, self.bw.get(), BBR_UNIT);
            sk.set_snd_ssthresh(Ssthresh::clamped(full));
        }
        if self.status.mode() == Mode::DRAIN {
            let in_net = self.packets_in_net_at_edt(sk, sk.packets_in_flight());
            if in_net <= self.inflight(sk, self.bw.get(), BBR_UNIT) {
                self.enter_probe_bw(sk.delivered_mstamp());
            }
        }
    }

    /// Sets the gains to those of the mode.
    fn update_gains(&mut self) {
        let (pacing_gain, cwnd_gain) = match self.status.mode() {
            Mode::STARTUP => (HIGH_GAIN, HIGH_GAIN),
            Mode::DRAIN => (DRAIN_GAIN, HIGH_GAIN),
            Mode::PROBE_BW if self.status.lt_use_bw() => (BBR_UNIT, CWND_GAIN),
            Mode::PROBE_BW => (PACING_GAIN.get(self.gains.cycle_idx()), CWND_GAIN),
            Mode::PROBE_RTT => (BBR_UNIT, BBR_UNIT),
            _ => return,
        };
        self.gains.set_pacing_gain(pacing_gain);
        self.gains.set_cwnd_gain(cwnd_gain);
    }
}

/// How fast, and how much: the control parameters (section 4.2).
impl Bbr {
    /// Sets the pacing rate to what a window in an RTT is, or in a millisecond before the first RTT
    /// was measured (section 4.2.1).
    fn init_pacing_rate_from_rtt(&mut self, sk: &mut Sock) {
        let rtt_us = if sk.srtt_us() != 0 {
            self.gains.set_has_seen_rtt(true);
            (sk.srtt_us() >> 3).max(1)
        } else {
            USEC_PER_MSEC
        };
        let bw = div64_or(u64::from(sk.snd_cwnd().get()) << BW_SCALE, rtt_us.into(), 0);
        sk.set_sk_pacing_rate(pacing_rate(sk, bw as u32, HIGH_GAIN));
    }

    /// Sets the pacing rate, in Startup only to a higher one.
    fn set_pacing_rate(&mut self, sk: &mut Sock, bw: u32, gain: u32) {
        let rate = pacing_rate(sk, bw, gain);
        if !self.gains.has_seen_rtt() && sk.srtt_us() != 0 {
            self.init_pacing_rate_from_rtt(sk);
        }
        if self.gains.full_bw_reached() || rate > sk.sk_pacing_rate() {
            sk.set_sk_pacing_rate(rate);
        }
    }

    /// Notes the window, unless a recovery or ProbeRTT has cut it (section 4.2.3.4).
    fn save_cwnd(&mut self, sk: &Sock) {
        let cwnd = sk.snd_cwnd().packets();
        let is_whole = self.status.prev_ca_state() < CaState::RECOVERY
            && self.status.mode() != Mode::PROBE_RTT;
        self.prior_cwnd = if is_whole {
            cwnd
        } else {
            self.prior_cwnd.max(cwnd)
        };
    }

    /// The window after losses, and at the beginning and the end of a recovery (section 4.2.3.4).
    fn recover_or_restore(&mut self, sk: &Sock, losses: Packets, acked: Packets) -> Packets {
        let prev_state = self.status.prev_ca_state();
        let state = sk.ca_state();
        let mut cwnd = sk.snd_cwnd().packets();

        // An ACK is to let out no more than twice what it acknowledges: here what was lost is taken
        // away, and then slow start may add as much again.
        if losses.get() as i32 > 0 {
            cwnd = Packets::new(((cwnd - losses).get() as i32).max(1) as u32);
        }

        if state == CaState::RECOVERY && prev_state != CaState::RECOVERY {
            self.status.set_packet_conservation(true);
            self.next_rtt_delivered = sk.delivered();
            cwnd = sk.packets_in_flight() + acked;
        } else if prev_state >= CaState::RECOVERY && state < CaState::RECOVERY {
            cwnd = cwnd.max(self.prior_cwnd);
            self.status.set_packet_conservation(false);
        }
        self.status.set_prev_ca_state(state);

        if self.status.packet_conservation() {
            cwnd.max(sk.packets_in_flight() + acked)
        } else {
            cwnd
        }
    }

    /// Sets the window: towards the target by what was acknowledged, down to it at once (section
    /// 4.2.3.6).
    fn set_cwnd(&mut self, sk: &mut Sock, rs: &RateSample, acked: Packets, bw: u32) {
        let mut cwnd = sk.snd_cwnd().packets();
        if !acked.is_zero() {
            cwnd = self.recover_or_restore(sk, rs.losses(), acked);
            if !self.status.packet_conservation() {
                let target = self.bdp(bw, self.gains.cwnd_gain()) + self.ack_aggregation_cwnd();
                let target = self.quantization_budget(sk, target);
                if self.gains.full_bw_reached() {
                    cwnd = (cwnd + acked).min(target);
                } else if cwnd < target || sk.delivered() < INIT_CWND {
                    cwnd += acked;
                }
                cwnd = cwnd.max(CWND_MIN_TARGET);
            }
        }
        cwnd = cwnd.min(sk.snd_cwnd_clamp());
        if self.status.mode() == Mode::PROBE_RTT {
            cwnd = cwnd.min(CWND_MIN_TARGET);
        }
        sk.set_snd_cwnd(Cwnd::clamped(cwnd));
    }
}

/// Whether there is a policer, a token bucket that lets a burst pass and then drops what is above
/// its rate (Flach and others, "An Internet-Wide Analysis of Traffic Policing", SIGCOMM 2016): if
/// two times in a row much is lost, at about the same rate, that rate is kept to for a while.
impl Bbr {
    /// Begins to measure.
    fn reset_lt_bw_sampling_interval(&mut self, sk: &Sock) {
        self.lt_last_stamp = millis(sk.delivered_mstamp());
        self.lt_last_delivered = sk.delivered();
        self.lt_last_lost = sk.lost();
        self.status.set_lt_rtt_cnt(0);
    }

    /// Forgets what was measured.
    fn reset_lt_bw_sampling(&mut self, sk: &Sock) {
        self.lt_bw = 0;
        self.status.set_lt_use_bw(false);
        self.status.set_lt_is_sampling(false);
        self.reset_lt_bw_sampling_interval(sk);
    }

    /// Takes in that packets were lost, or not, and whether the application was the limit.
    #[inline(always)]
    fn lt_bw_sampling(&mut self, sk: &Sock, is_lossy: bool, is_app_limited: bool) {
        if self.status.lt_use_bw() {
            if self.status.mode() == Mode::PROBE_BW && self.status.round_start() {
                self.status
                    .set_lt_rtt_cnt(self.status.lt_rtt_cnt().wrapping_add(1));
                if self.status.lt_rtt_cnt() >= LT_BW_MAX_RTTS {
                    self.reset_lt_bw_sampling(sk);
                    self.enter_probe_bw(sk.delivered_mstamp());
                }
            }
            return;
        }

        // The first loss says that the bucket is empty. What came before it was a burst.
        if !self.status.lt_is_sampling() {
            if !is_lossy {
                return;
            }
            self.reset_lt_bw_sampling_interval(sk);
            self.status.set_lt_is_sampling(true);
        }

        // With too little to send, the rate says nothing.
        if is_app_limited {
            self.reset_lt_bw_sampling(sk);
            return;
        }

        if self.status.round_start() {
            self.status
                .set_lt_rtt_cnt(self.status.lt_rtt_cnt().wrapping_add(1));
        }
        let rounds = self.status.lt_rtt_cnt();
        if rounds < LT_INTVL_MIN_RTTS {
            return;
        }
        if rounds > 4 * LT_INTVL_MIN_RTTS {
            self.reset_lt_bw_sampling(sk);
            return;
        }

        // It ends with a loss, again with an empty bucket.
        if !is_lossy {
            return;
        }
        let lost = sk.lost() - self.lt_last_lost;
        let delivered = sk.delivered() - self.lt_last_delivered;
        if delivered.is_zero() || (lost << BBR_SCALE) < delivered * LT_LOSS_THRESH {
            return;
        }

        let passed_ms = millis(sk.delivered_mstamp()).wrapping_sub(self.lt_last_stamp);
        if (passed_ms as i32) < 1 {
            return;
        }
        if passed_ms >= u32::MAX / USEC_PER_MSEC {
            self.reset_lt_bw_sampling(sk);
            return;
        }
        let passed_us = u64::from(passed_ms.wrapping_mul(USEC_PER_MSEC));
        let bw = div64_or(u64::from(delivered.get()) << BW_SCALE, passed_us, 0);
        self.lt_bw_interval_done(sk, bw as u32);
    }

    /// Compares a bandwidth with the one before it.
    fn lt_bw_interval_done(&mut self, sk: &Sock, bw: u32) {
        if self.lt_bw != 0 {
            let diff = (bw.wrapping_sub(self.lt_bw) as i32).unsigned_abs();
            if diff.wrapping_mul(BBR_UNIT) <= self.lt_bw.wrapping_mul(LT_BW_RATIO)
                || rate_bytes_per_sec(sk, diff, BBR_UNIT) <= LT_BW_DIFF
            {
                self.lt_bw = bw.wrapping_add(self.lt_bw) >> 1;
                self.status.set_lt_use_bw(true);
                self.gains.set_pacing_gain(BBR_UNIT);
                self.status.set_lt_rtt_cnt(0);
                return;
            }
        }
        self.lt_bw = bw;
        self.reset_lt_bw_sampling_interval(sk);
    }
}

/// How many packets the ACKs of the path acknowledge at once, beyond what its bandwidth makes
/// expect. So many more are to be in flight, or nothing would be sent between two ACKs.
impl Bbr {
    /// Takes in an ACK of `acked` packets; what counts is the largest excess of the last five to
    /// ten rounds.
    fn update_ack_aggregation(&mut self, sk: &Sock, acked: u32) {
        if self.status.round_start() {
            let rounds = self.aggregation.extra_acked_win_rtts().wrapping_add(1);
            if rounds < EXTRA_ACKED_WIN_RTTS {
                self.aggregation.set_extra_acked_win_rtts(rounds);
            } else {
                self.aggregation.set_extra_acked_win_rtts(0);
                let other = self.aggregation.extra_acked_win_idx() ^ 1;
                self.aggregation.set_extra_acked_win_idx(other);
                self.extra_acked.set(other, 0);
            }
        }

        let epoch_us = sk.delivered_mstamp().us_since(self.ack_epoch_mstamp);
        let expected = u64::from(self.bw()).wrapping_mul(epoch_us.into()) >> BW_SCALE;
        let mut expected = expected as u32;
        let mut epoch_acked = self.aggregation.ack_epoch_acked();

        // From new if there is no excess, or if it was too long ago that this began.
        if epoch_acked <= expected
            || epoch_acked.wrapping_add(acked) >= ACK_EPOCH_ACKED_RESET_THRESH
        {
            epoch_acked = 0;
            self.ack_epoch_mstamp = sk.delivered_mstamp();
            expected = 0;
        }

        epoch_acked = epoch_acked.wrapping_add(acked).min(0xf_ffff);
        self.aggregation.set_ack_epoch_acked(epoch_acked);
        let extra_acked = epoch_acked.wrapping_sub(expected).min(sk.snd_cwnd().get());
        let which = self.aggregation.extra_acked_win_idx();
        if extra_acked > self.extra_acked.get(which).into() {
            self.extra_acked.set(which, extra_acked as u16);
        }
    }

    /// What to add to the window for it.
    fn ack_aggregation_cwnd(&self) -> Packets {
        if !self.gains.full_bw_reached() {
            return Packets::ZERO;
        }
        let most = u64::from(self.bw()).wrapping_mul(EXTRA_ACKED_MAX_US) >> BW_SCALE;
        let extra_acked = self.extra_acked.get(0).max(self.extra_acked.get(1));
        Packets::new(u32::from(extra_acked).min(most as u32))
    }
}

/// `bw` times `gain` less the margin, in bytes a second. 64 bits are enough for 2.9 Tbit/s and any
/// gain.
fn rate_bytes_per_sec(sk: &Sock, bw: u32, gain: u32) -> BytesPerSec {
    let rate = u64::from(bw)
        .wrapping_mul(sk.mss_cache().into())
        .wrapping_mul(gain.into())
        >> BBR_SCALE;
    let per_sec = 1_000_000 / 100 * (100 - PACING_MARGIN_PERCENT);
    BytesPerSec::new(rate.wrapping_mul(per_sec) >> BW_SCALE)
}

/// The pacing rate for `bw` and `gain`: as long as the socket allows as much.
fn pacing_rate(sk: &Sock, bw: u32, gain: u32) -> BytesPerSec {
    rate_bytes_per_sec(sk, bw, gain).min(sk.sk_max_pacing_rate())
}

/// The fewest packets to hand to the device at once.
fn min_tso_segs(sk: &Sock) -> Packets {
    Packets::new(if sk.sk_pacing_rate() < MIN_TSO_RATE {
        1
    } else {
        2
    })
}

/// How many packets to hand to the device at once: those of a millisecond or so (section 4.2.2).
fn tso_segs_goal(sk: &Sock) -> Packets {
    let most = u64::from((GSO_LEGACY_MAX_SIZE - 1).wrapping_sub(max_tcp_header()));
    let rate = sk.sk_pacing_rate().get();
    let bytes = rate.wrapping_shr(sk.sk_pacing_shift().into()).min(most);
    let segs = Packets::new(div_or(bytes as u32, sk.mss_cache(), 0));
    segs.max(min_tso_segs(sk)).min(MAX_TSO_SEGS)
}

/// An instant in milliseconds, which wraps.
fn millis(instant: Micros64) -> u32 {
    (instant.get() / u64::from(USEC_PER_MSEC)) as u32
}
