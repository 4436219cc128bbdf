// SPDX-License-Identifier: GPL-2.0-only

//! BBR, version 1: bottleneck bandwidth and round-trip propagation time.
//!
//! It does not wait for losses or delays to show that the path is full. It measures the highest
//! rate at which packets are delivered (`bw`, over ten round trips), and the shortest round trip
//! (`min_rtt`, over ten seconds). It sends at `pacing_gain * bw`, and has no more than about
//! `cwnd_gain * bw * min_rtt` in flight. Both cannot be measured at once: more in flight than
//! `bw * min_rtt` builds a queue, which hides `min_rtt`, and less hides `bw`. So it takes turns:
//!
//! | mode     | pacing gain                  | cwnd gain | measures                        |
//! |----------|------------------------------|-----------|---------------------------------|
//! | Startup  | 2.89                         | 2.89      | `bw`, from nothing              |
//! | Drain    | 0.35                         | 2.89      | nothing: the queue goes         |
//! | ProbeBW  | 1.25, 0.75, then six times 1 | 2         | `bw`, and takes its share of it |
//! | ProbeRTT | 1                            | 1         | `min_rtt`                       |
//!
//! ```text
//!           +-----------+   full   +---------+  drained  +---------+
//!  init --->|  Startup  |--------->|  Drain  |---------->| ProbeBW |
//!           +-----------+          +---------+           +---------+
//!               ^    |                  |                   |   ^
//!               |    | expired          | expired   expired |   |
//!               |    v                  v                   v   |
//!               |  +-----------------------------------------+  |
//!               +--|                ProbeRTT                 |--+
//!      done, never +-----------------------------------------+ done, and was
//!         full yet                                             full before
//! ```
//!
//! - full: in three rounds with enough to send, `bw` did not grow by a quarter
//!   (`check_full_bw_reached`).
//! - drained: no more is in the network than the path holds without a queue (`check_drain`). This
//!   may be so in the ACK that ended Startup.
//! - expired: `min_rtt` is ten seconds old, and the connection was not idle (`update_min_rtt`).
//! - done: for 200 ms and a round trip, no more than four packets were in flight
//!   (`check_probe_rtt_done`).
//!
//! A long connection is in ProbeBW nearly all the time. A timeout does not change the mode.
//!
//! The reference is [`net/ipv4/tcp_bbr.c`](srctree/net/ipv4/tcp_bbr.c) by Van Jacobson, Neal
//! Cardwell, Yuchung Cheng and Soheil Hassas Yeganeh, whose license is GPL-2.0 or BSD-3-Clause and
//! is GPL-2.0 here. Cardwell, Cheng, Gunn, Hassas Yeganeh and Jacobson, "BBR: Congestion-Based
//! Congestion Control", ACM Queue 14(5), 2016. The sections named below are those of the [draft] of
//! July 2017. C has two things that are not in it: the long-term bandwidth behind a policer, and
//! the room for aggregated ACKs. The later [draft-ietf-ccwg-bbr] is about version 3.
//!
//! Results are the same, bit for bit, wherever C is defined. The differences:
//!
//! | input                                      | C                  | here                      |
//! |--------------------------------------------|--------------------|---------------------------|
//! | an MSS of 0                                | divides by it      | the quotient is 0         |
//! | a `sk_pacing_shift` of more than 63        | undefined          | modulo 64                 |
//! | a mode that does not exist                 | warns, keeps gains | keeps gains               |
//! | a window of 0, or of 2^31 and more, to set | sets it, and warns | sets the nearest valid    |
//! | a threshold of 2^31 and more to set        | sets it            | sets the nearest valid    |
//!
//! [draft]: https://datatracker.ietf.org/doc/html/draft-cardwell-iccrg-bbr-congestion-control-00
//! [draft-ietf-ccwg-bbr]: https://datatracker.ietf.org/doc/draft-ietf-ccwg-bbr/

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    max_tcp_header,
    parts::minmax::MinMax,
    prelude::*,
    random_below,
    usecs_to_jiffies,
    BbrInfo, //
};

/// Bandwidths are in packets per microsecond, times 2^24, so that a fraction of a packet counts.
///
/// With packets of 1500 bytes a unit is 715 bit/s, and 32 bits hold up to 256 packets per
/// microsecond, 3 Tbit/s. The lower end is no limit: with a window of at least 4 packets, a
/// bandwidth below a unit takes a round trip of more than a minute.
const BW_SCALE: u32 = 24;

/// Denominator of gains and other ratios, as a shift.
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

/// Phases of a cycle in ProbeBW, each about as long as `min_rtt`.
const CYCLE_LEN: u32 = 8;

/// The number of phases in which ProbeBW may begin: any but the second, which would drain a queue
/// that no probe has built (section 4.3.4.2).
const CYCLE_RAND: u32 = 7;

/// The pacing gain in each phase (section 4.3.4.1).
///
/// The first asks for more bandwidth. If there is none, it has built a queue of a quarter of what
/// the path holds. The second drains that, and leaves bandwidth to others. The rest use the path
/// without a queue. The mean is 1.
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

/// The gain in Startup, 2/ln(2): the least with which a smoothly growing rate doubles in every
/// round trip, and as many packets leave in one as in slow start without pacing (section 4.3.2.1).
const HIGH_GAIN: u32 = BBR_UNIT * 2885 / 1000 + 1;

/// The inverse of that: it typically drains in one round what Startup has queued (section 4.3.3).
const DRAIN_GAIN: u32 = BBR_UNIT * 1000 / 2885;

/// The gain of the window in ProbeBW: with just `bw * min_rtt`, sending would stop whenever ACKs
/// come late, or many at once (section 4.3.4.1).
const CWND_GAIN: u32 = BBR_UNIT * 2;

/// Round trips for which a bandwidth counts: a cycle and a little more, so that there is always one
/// from a phase of probing (section 4.1.1.2).
const BW_RTTS: u32 = CYCLE_LEN + 2;

/// Seconds for which an RTT counts: long enough that most connections pause, and get a new
/// `min_rtt` for nothing (section 4.1.2.2).
const MIN_RTT_WIN_SEC: u32 = 10;

/// The time that ProbeRTT takes at least (section 4.3.5): long enough for the queues of several
/// connections to drain at the same time, and no more than 2 % of the ten seconds.
const PROBE_RTT_MODE: Usecs32 = Usecs32::new(200_000);

/// The percentage by which pacing stays below the bandwidth. A rate that is too high by as little
/// as the error of the estimate would build a queue that never goes.
const PACING_MARGIN_PERCENT: u64 = 1;

/// The pacing rate below which packets are sent one by one, 1.2 Mbit/s (section 4.2.2).
const MIN_TSO_RATE: BytesPerSec = BytesPerSec::new(1_200_000 / 8);

/// The most packets to hand to the device at once.
const MAX_TSO_SEGS: Packets = Packets::new(0x7f);

/// The most bytes to hand to the device at once, headers included (`GSO_LEGACY_MAX_SIZE`).
const GSO_LEGACY_MAX_SIZE: u32 = 65_536;

/// The window of a new connection (`TCP_INIT_CWND`).
const INIT_CWND: Packets = Packets::new(10);

/// The smallest window, and the one in ProbeRTT. A receiver acknowledges every other packet: of
/// four, two can be on their way to it while the ACK of the other two is on its way back (section
/// 4.2.3.3).
const CWND_MIN_TARGET: Packets = Packets::new(4);

/// The growth of `bw` in a round that shows that the path is not full yet (section 4.3.2.2).
/// Startup asks for twice as much, so a path with room gives more than a quarter.
const FULL_BW_THRESH: u32 = BBR_UNIT * 5 / 4;

/// The rounds without such growth after which the path is full. One is not enough: the receiver may
/// be the limit, and takes a round to open its window, which takes a second to fill and a third to
/// measure. And other traffic may pass.
const FULL_BW_CNT: u32 = 3;

/// The least round trips over which a long-term bandwidth is measured; the most are four times
/// that.
const LT_INTVL_MIN_RTTS: u32 = 4;

/// The part of what is delivered whose loss hints at a policer: 20 %.
const LT_LOSS_THRESH: u32 = 50;

/// The part of a long-term bandwidth by which another one may differ and still be the same: an
/// eighth.
const LT_BW_RATIO: u32 = BBR_UNIT / 8;

/// The difference up to which two long-term bandwidths are the same in any case: 4 kbit/s. On a
/// slow path a few packets more or less are an eighth.
const LT_BW_DIFF: BytesPerSec = BytesPerSec::new(4_000 / 8);

/// The round trips for which a long-term bandwidth is used. After that it is probed again: the
/// policer may be gone.
const LT_BW_MAX_RTTS: u32 = 48;

/// The rounds for which each of the two maxima of aggregation is measured.
const EXTRA_ACKED_WIN_RTTS: u32 = 5;

/// The packets acknowledged after which aggregation is measured anew: as many as the field can
/// count. So long an epoch says little of the present, too.
const ACK_EPOCH_ACKED_RESET_THRESH: u32 = 1 << 20;

/// The microseconds of delivery that aggregation adds to the window at most. Without a limit, the
/// many ACKs after an outage would add all that was in flight.
const EXTRA_ACKED_MAX_US: u64 = 100_000;

bit_fields! {
    /// The mode, and other flags.
    pub struct Status(u32) {
        /// The mode.
        mode / set_mode: 3 as Mode;
        /// The congestion state at the last ACK.
        prev_ca_state / set_prev_ca_state: 3 as CaState;
        /// Whether this is the first round of a recovery, in which only as many packets are sent as
        /// are acknowledged.
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
        /// Rounds since the start of the measurement, or of the use of its result.
        lt_rtt_cnt / set_lt_rtt_cnt: 7;
        /// Whether the long-term bandwidth is used for `bw`.
        lt_use_bw / set_lt_use_bw: bool;
    }
}

bit_fields! {
    /// The gains, and what they depend on.
    pub struct Gains(u32) {
        /// The pacing rate, in 1/256 of `bw`.
        pacing_gain / set_pacing_gain: 10;
        /// The window, in 1/256 of `bw * min_rtt`.
        cwnd_gain / set_cwnd_gain: 10;
        /// Whether the path was ever full.
        full_bw_reached / set_full_bw_reached: bool;
        /// Rounds in a row in which `bw` did not grow by a quarter.
        full_bw_cnt / set_full_bw_cnt: 2;
        /// The phase in ProbeBW, an index of [`PACING_GAIN`].
        cycle_idx / set_cycle_idx: 3;
        /// Whether the pacing rate comes from an RTT that was measured.
        has_seen_rtt / set_has_seen_rtt: bool;
        _: 5;
    }
}

bit_fields! {
    /// The measurement of aggregated ACKs.
    pub struct Aggregation(u32) {
        /// Packets acknowledged since `ack_epoch_mstamp`.
        ack_epoch_acked / set_ack_epoch_acked: 20;
        /// Rounds for which the current maximum has been measured.
        extra_acked_win_rtts / set_extra_acked_win_rtts: 5;
        /// The index of the current maximum in `extra_acked`.
        extra_acked_win_idx / set_extra_acked_win_idx: 1;
        _: 6;
    }
}

state! {
    /// The state of a connection. The layout is that of C's `struct bbr`.
    pub struct Bbr {
        /// The shortest RTT, in microseconds; all ones for none.
        pub min_rtt_us: u32,
        /// The tick in which that was measured.
        pub min_rtt_stamp: Jiffies32,
        /// The end of ProbeRTT; 0 as long as there is too much in flight.
        pub probe_rtt_done_stamp: Jiffies32,
        /// The largest bandwidth, with rounds as its time.
        pub bw: MinMax,
        /// Rounds since the start. A round is a round trip in packets and not in time: it ends when
        /// a packet is acknowledged that was sent after its start.
        pub rtt_cnt: u32,
        /// [`Sock::delivered`] at the start of the round: a packet that was sent with as many
        /// delivered ends it.
        pub next_rtt_delivered: Packets,
        /// The start of this phase of ProbeBW.
        pub cycle_mstamp: Micros64,
        /// The mode, and other flags.
        pub status: Status,
        /// The long-term bandwidth, used or to be confirmed; 0 for none.
        pub lt_bw: u32,
        /// [`Sock::delivered`] at the start of its measurement.
        pub lt_last_delivered: Packets,
        /// The start of its measurement, in milliseconds.
        pub lt_last_stamp: u32,
        /// [`Sock::lost`] at the start of its measurement.
        pub lt_last_lost: Packets,
        /// The gains, and what they depend on.
        pub gains: Gains,
        /// The window before a recovery or ProbeRTT, to go back to.
        pub prior_cwnd: Packets,
        /// The bandwidth when it last grew by a quarter in a round.
        pub full_bw: u32,
        /// The start of the measurement of aggregation.
        pub ack_epoch_mstamp: Micros64,
        /// The most packets acknowledged beyond what was expected, in the current rounds and in
        /// those before.
        pub extra_acked: SmallArray<u16, 2>,
        /// The measurement of aggregated ACKs.
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
        optional: Optional {
            init: Some(init),
            set_state: Some(set_state),
            cwnd_event_tx_start: Some(cwnd_event_tx_start),
            min_tso_segs: Some(|sk, _| min_tso_segs(sk)),
            // Twice the window is the default. Startup may double it even while losses are
            // repaired.
            sndbuf_expand: Some(|_, _| 3),
            get_info: Some(get_info),
            ..Optional::NONE
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
    ca.min_rtt_us = sk.min_rtt().map_or(u32::MAX, |rtt| rtt.get() as u32);
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

    // By the queueing discipline fq, or else by a timer of the socket's, which costs more.
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

/// Saves the window at the start of a recovery. BBR does not use the threshold: it stays.
fn ssthresh(sk: &mut Sock, ca: &mut Bbr) -> Ssthresh {
    ca.save_cwnd(sk);
    sk.snd_ssthresh()
}

/// Undoes what a loss that was none may have led to: that the path is full, or that there is a
/// policer. The window stays: the end of the recovery restores it.
fn undo_cwnd(sk: &mut Sock, ca: &mut Bbr) -> Cwnd {
    ca.full_bw = 0;
    ca.gains.set_full_bw_cnt(0);
    ca.reset_lt_bw_sampling(sk);
    sk.snd_cwnd()
}

/// Counts a timeout as the end of a round with a loss, and measures anew how full the path is.
fn set_state(sk: &mut Sock, ca: &mut Bbr, new_state: CaState) {
    if new_state == CaState::LOSS {
        ca.status.set_prev_ca_state(CaState::LOSS);
        ca.full_bw = 0;
        ca.status.set_round_start(true);
        ca.lt_bw_sampling(sk, true, false);
    }
}

/// Restarts after an idle time (section 4.3.4.4). The application is the limit, so there is no need
/// to find out more about the path.
fn cwnd_event_tx_start(sk: &mut Sock<Event<Bbr>>) {
    let (sk, ca) = sk.split();
    if sk.app_limited().is_zero() {
        return;
    }
    ca.status.set_idle_restart(true);
    ca.ack_epoch_mstamp = sk.tcp_mstamp();
    ca.aggregation.set_ack_epoch_acked(0);
    match ca.status.mode() {
        // At the rate of the path: a phase of probing would only build a queue.
        Mode::PROBE_BW => ca.set_pacing_rate(sk, ca.bw(), BBR_UNIT),
        Mode::PROBE_RTT => ca.check_probe_rtt_done(sk),
        _ => {}
    }
}

fn get_info(sk: &Sock<Unlocked>, ca: &Bbr) -> Info {
    let bytes = u64::from(ca.bw()).wrapping_mul(sk.mss_cache().get().into());
    Info::Bbr(BbrInfo {
        bw: bytes.wrapping_mul(1_000_000) >> BW_SCALE,
        min_rtt: ca.min_rtt_us,
        pacing_gain: ca.gains.pacing_gain(),
        cwnd_gain: ca.gains.cwnd_gain(),
    })
}

/// The model of the path.
impl Bbr {
    /// Returns the bandwidth to pace by.
    fn bw(&self) -> u32 {
        if self.status.lt_use_bw() {
            self.lt_bw
        } else {
            self.bw.get()
        }
    }

    /// Returns `bw * min_rtt * gain`, rounded up: what the path holds without a queue, times
    /// `gain`.
    ///
    /// The gain sets the length of the queue. A small one makes it short, but ACKs that come late
    /// or many at once leave too little in flight then, and the bandwidth is underestimated.
    fn bdp(&self, bw: u32, gain: u32) -> Packets {
        if self.min_rtt_us == u32::MAX {
            // No RTT yet. The connection has no timestamps, and every packet that was acknowledged
            // had been sent twice. A timeout may have cut the window to 1: grow it to what is safe.
            return INIT_CWND;
        }
        let bdp = u64::from(bw).wrapping_mul(self.min_rtt_us.into());
        let bdp = bdp.wrapping_mul(gain.into()) >> BBR_SCALE;
        // Rounded up: too little in flight would be measured, and become even less.
        Packets::new((bdp.wrapping_add((1 << BW_SCALE) - 1) >> BW_SCALE) as u32)
    }

    /// Returns `cwnd` and what the ends of the path hold back (section 4.2.3.2): a large packet in
    /// the sender's queueing discipline, one in its device that splits it, and one at the receiver
    /// that is put together again or waits for a delayed ACK.
    ///
    /// At a low rate such a packet is a single one, so this adds little where the window is small.
    fn quantization_budget(&self, sk: &Sock, cwnd: Packets) -> Packets {
        let cwnd = cwnd + tso_segs_goal(sk) * 3;
        // An odd packet would wait for the receiver's delayed ACK.
        let cwnd = (cwnd + Packets::new(1)) / 2 * 2;
        if self.status.mode() == Mode::PROBE_BW && self.gains.cycle_idx() == 0 {
            // A quarter more of little may be no packet at all. Probing should add some.
            cwnd + Packets::new(2)
        } else {
            cwnd
        }
    }

    /// Returns the packets to have in flight at a bandwidth, times `gain`.
    fn inflight(&self, sk: &Sock, bw: u32, gain: u32) -> Packets {
        self.quantization_budget(sk, self.bdp(bw, gain))
    }

    /// Returns the packets that will be in the network when the next one leaves.
    ///
    /// Packets in flight are not all in the network: with pacing below TCP (fq), some wait there,
    /// each with its earliest departure time (EDT). These times are decided, so a change of the
    /// pacing rate only matters from the EDT of the next packet on (`tcp_wstamp_ns`). Until then
    /// the path delivers at `bw`:
    ///
    /// ```text
    /// in_net_at_edt = inflight_at_edt - (EDT - now) * bw
    /// ```
    ///
    /// If the amount in flight is to grow, the question is whether sending the packet takes it
    /// above the target: the packet counts. If it is to shrink, the question is whether it falls
    /// too low just before that: the packet does not count.
    fn packets_in_net_at_edt(&self, sk: &Sock, inflight_now: Packets) -> Packets {
        let wait = sk.tcp_wstamp_ns().since(sk.tcp_clock_cache());
        let delivered = u64::from(self.bw()).wrapping_mul(wait.get()) >> BW_SCALE;
        let delivered = Packets::new(delivered as u32);

        let mut inflight_at_edt = inflight_now;
        if self.gains.pacing_gain() > BBR_UNIT {
            inflight_at_edt += tso_segs_goal(sk);
        }
        if delivered >= inflight_at_edt {
            Packets::ZERO
        } else {
            inflight_at_edt - delivered
        }
    }

    /// Updates the rounds and the bandwidth with a delivery rate (section 4.1.1). Returns whether
    /// the sample has one.
    fn update_bw(&mut self, sk: &Sock, rs: &RateSample) -> bool {
        self.status.set_round_start(false);
        let (Some(delivered), Some(interval)) = (rs.delivered(), rs.interval()) else {
            return false;
        };

        // Both count packets, and wrap. The round is over if the packet was sent after its start.
        if (rs.prior_delivered() - self.next_rtt_delivered).get() as i32 >= 0 {
            self.next_rtt_delivered = sk.delivered();
            self.rtt_cnt = self.rtt_cnt.wrapping_add(1);
            self.status.set_round_start(true);
            self.status.set_packet_conservation(false);
        }

        self.lt_bw_sampling(sk, !rs.losses().is_zero(), rs.is_app_limited());

        // Scaled first, since it is far less than a packet per microsecond on most paths.
        let bw = div64_or(u64::from(delivered.get()) << BW_SCALE, interval.get(), 0);
        // Where the application is the limit, the rate is that of the application, and the path
        // carries at least as much. A low one would slow the connection down for no reason.
        if !rs.is_app_limited() || bw >= self.bw.get().into() {
            self.bw.running_max(BW_RTTS, self.rtt_cnt, bw as u32);
        }
        true
    }

    /// Updates `min_rtt` with an RTT (section 4.1.2), and begins and ends ProbeRTT (section 4.3.5).
    ///
    /// Connections that share a bottleneck keep a queue there, which hides `min_rtt` from all. One
    /// whose `min_rtt` is old has almost nothing in flight for a moment. That shortens the queue,
    /// so the others find a new minimum at the same time, and from then on their ten seconds end
    /// together: the whole queue goes, and each measures the true RTT. A connection that pauses
    /// within the ten seconds, as most do, measures it without that.
    fn update_min_rtt(&mut self, sk: &mut Sock, rs: &RateSample) {
        let now = Jiffies32::now();
        let window = Ticks::new(hz().wrapping_mul(MIN_RTT_WIN_SEC) as i32);
        let is_old = now.after(self.min_rtt_stamp + window);
        if let Some(rtt) = rs.rtt() {
            // An RTT with a delayed ACK in it is too long to stand for ten seconds.
            if rtt.get() < self.min_rtt_us.into() || (is_old && !rs.is_ack_delayed()) {
                self.min_rtt_us = rtt.get() as u32;
                self.min_rtt_stamp = now;
            }
        }

        // After an idle time there is no queue, and the next RTT is as good as one of ProbeRTT.
        if is_old && !self.status.idle_restart() && self.status.mode() != Mode::PROBE_RTT {
            self.status.set_mode(Mode::PROBE_RTT);
            self.save_cwnd(sk);
            self.probe_rtt_done_stamp = Jiffies32::ZERO;
        }

        if self.status.mode() == Mode::PROBE_RTT {
            let in_flight = sk.packets_in_flight();
            // So few packets say nothing of the bandwidth: their samples are marked as limited by
            // the application. Not with 0, which would mean that they are not.
            sk.set_app_limited((sk.delivered() + in_flight).max(Packets::new(1)));
            if !self.probe_rtt_done_stamp.is_zero() {
                if self.status.round_start() {
                    self.status.set_probe_rtt_round_done(true);
                }
                if self.status.probe_rtt_round_done() {
                    self.check_probe_rtt_done(sk);
                }
            } else if in_flight <= CWND_MIN_TARGET {
                // From here on for 200 ms and a round.
                let duration = Ticks::new(usecs_to_jiffies(PROBE_RTT_MODE) as i32);
                self.probe_rtt_done_stamp = now + duration;
                self.status.set_probe_rtt_round_done(false);
                self.next_rtt_delivered = sk.delivered();
            }
        }

        // An idle time is over only when something sent after it is acknowledged.
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
        // Whatever was measured: not again for ten seconds.
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
    /// Begins a cycle, in a random phase: connections that share a path should not all probe at the
    /// same time.
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

    /// Returns whether this phase is over: after an RTT, later if a probe has not yet put enough in
    /// flight, earlier if the queue is gone.
    fn is_next_cycle_phase(&self, sk: &Sock, rs: &RateSample) -> bool {
        let passed_us = sk.delivered_mstamp().us_since(self.cycle_mstamp);
        let is_full_length = passed_us > self.min_rtt_us;
        let pacing_gain = self.gains.pacing_gain();
        if pacing_gain == BBR_UNIT {
            // What is in flight neither grows nor shrinks, so there is nothing else to wait for.
            return is_full_length;
        }

        let inflight = self.packets_in_net_at_edt(sk, rs.prior_in_flight());
        let bw = self.bw.get();
        if pacing_gain > BBR_UNIT {
            // On a short path a quarter more may take longer than an RTT. With losses the buffers
            // of the path may never hold that much.
            is_full_length
                && (!rs.losses().is_zero() || inflight >= self.inflight(sk, bw, pacing_gain))
        } else {
            // Any longer without a queue would leave the path unused.
            is_full_length || inflight <= self.inflight(sk, bw, BBR_UNIT)
        }
    }

    /// Checks whether the bandwidth has stopped growing, so that the path is full (section
    /// 4.3.2.2).
    ///
    /// HyStart has the same aim in CUBIC, and judges by delays and by the spacing of ACKs.
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
            // BBR does not use the threshold. It shows the kernel that slow start is over.
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

    /// Sets the gains to those of the mode. Drain keeps the window of Startup: pacing alone drains
    /// the queue, and the window is there when it is gone.
    fn update_gains(&mut self) {
        let (pacing_gain, cwnd_gain) = match self.status.mode() {
            Mode::STARTUP => (HIGH_GAIN, HIGH_GAIN),
            Mode::DRAIN => (DRAIN_GAIN, HIGH_GAIN),
            Mode::PROBE_BW if self.status.lt_use_bw() => (BBR_UNIT, CWND_GAIN),
            Mode::PROBE_BW => (PACING_GAIN.get(self.gains.cycle_idx()), CWND_GAIN),
            Mode::PROBE_RTT => (BBR_UNIT, BBR_UNIT),
            // Not a mode: the gains stay, as in C.
            _ => return,
        };
        self.gains.set_pacing_gain(pacing_gain);
        self.gains.set_cwnd_gain(cwnd_gain);
    }
}

/// The control parameters: pacing rate and window (section 4.2).
impl Bbr {
    /// Sets the pacing rate to that of a window in an RTT, times the gain of Startup (section
    /// 4.2.1). Before the first RTT is measured, a millisecond stands for it.
    fn init_pacing_rate_from_rtt(&mut self, sk: &mut Sock) {
        let rtt_us = if let Some(rtt) = sk.srtt() {
            self.gains.set_has_seen_rtt(true);
            (rtt.get() as u32).max(1)
        } else {
            USEC_PER_MSEC
        };
        let bw = div64_or(u64::from(sk.snd_cwnd().get()) << BW_SCALE, rtt_us.into(), 0);
        sk.set_sk_pacing_rate(pacing_rate(sk, bw as u32, HIGH_GAIN));
    }

    /// Sets the pacing rate. Until the path was full, only to a higher one: a low estimate comes
    /// from having sent little.
    fn set_pacing_rate(&mut self, sk: &mut Sock, bw: u32, gain: u32) {
        let rate = pacing_rate(sk, bw, gain);
        if !self.gains.has_seen_rtt() && sk.srtt().is_some() {
            self.init_pacing_rate_from_rtt(sk);
        }
        if self.gains.full_bw_reached() || rate > sk.sk_pacing_rate() {
            sk.set_sk_pacing_rate(rate);
        }
    }

    /// Saves the window, to go back to it. If a recovery or ProbeRTT has cut it already, the larger
    /// one stays (section 4.2.3.4).
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

    /// Returns the window after losses, and at the start and the end of a recovery (section
    /// 4.2.3.4).
    ///
    /// In the first round of a recovery as many packets are sent as are acknowledged: the losses
    /// may say that the path holds less than it did. After that up to twice as many, up to the
    /// target. At the end the window is what it was before, since BBR does not take losses for
    /// congestion.
    fn recover_or_restore(&mut self, sk: &Sock, losses: Packets, acked: Packets) -> Packets {
        let prev_state = self.status.prev_ca_state();
        let state = sk.ca_state();
        let mut cwnd = sk.snd_cwnd().packets();

        // An ACK of n packets should let out at most 2 n. Lost packets are subtracted here, so that
        // they let out none, and `set_cwnd` may add n.
        if losses.get() as i32 > 0 {
            cwnd = Packets::new(((cwnd - losses).get() as i32).max(1) as u32);
        }

        if state == CaState::RECOVERY && prev_state != CaState::RECOVERY {
            self.status.set_packet_conservation(true);
            // The round begins now. What the application, TSO or a device's queue has left unused
            // of the window would go out as a burst.
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

    /// Sets the window: up towards the target by what was acknowledged, as in slow start, and down
    /// to it at once (section 4.2.3.6). Down only if the path was full: before, the target comes
    /// from a bandwidth that is still growing.
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
                    // In the first window the target comes from few samples: no reason to stop.
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

/// The long-term bandwidth, behind a policer.
///
/// A policer is a token bucket. It lets a burst pass at the full rate of the link, and then drops
/// what is above its own rate (Flach and others, "An Internet-Wide Analysis of Traffic Policing",
/// SIGCOMM 2016). The burst is what `bw` shows, and pacing by it loses packets until it is
/// forgotten, and again with the next burst. So if much is lost in two intervals in a row, at about
/// the same rate, that rate is taken for the policer's, and used instead of `bw` for a while.
impl Bbr {
    /// Begins an interval.
    fn reset_lt_bw_sampling_interval(&mut self, sk: &Sock) {
        self.lt_last_stamp = millis(sk.delivered_mstamp());
        self.lt_last_delivered = sk.delivered();
        self.lt_last_lost = sk.lost();
        self.status.set_lt_rtt_cnt(0);
    }

    /// Forgets all intervals, and goes back to `bw`.
    fn reset_lt_bw_sampling(&mut self, sk: &Sock) {
        self.lt_bw = 0;
        self.status.set_lt_use_bw(false);
        self.status.set_lt_is_sampling(false);
        self.reset_lt_bw_sampling_interval(sk);
    }

    /// Processes an ACK: whether packets were lost since the last one, and whether the application
    /// was the limit.
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

        // The first loss shows that the bucket is empty. An interval with the burst before it would
        // show a rate above the policer's.
        if !self.status.lt_is_sampling() {
            if !is_lossy {
                return;
            }
            self.reset_lt_bw_sampling_interval(sk);
            self.status.set_lt_is_sampling(true);
        }

        // With too little to send, the rate is that of the application.
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

        // It ends with a loss, again with an empty bucket. Until then tokens are left, and the rate
        // would be below the policer's.
        if !is_lossy {
            return;
        }
        let lost = sk.lost() - self.lt_last_lost;
        let delivered = sk.delivered() - self.lt_last_delivered;
        if delivered.is_zero() || (lost << BBR_SCALE) < delivered * LT_LOSS_THRESH {
            return;
        }

        // At least a millisecond, and so that it fits in microseconds.
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

    /// Ends an interval: uses the mean of its bandwidth and the one before it if they are about the
    /// same, or keeps it for the next comparison.
    fn lt_bw_interval_done(&mut self, sk: &Sock, bw: u32) {
        if self.lt_bw != 0 {
            let diff = (bw.wrapping_sub(self.lt_bw) as i32).unsigned_abs();
            if diff.wrapping_mul(BBR_UNIT) <= self.lt_bw.wrapping_mul(LT_BW_RATIO)
                || rate_bytes_per_sec(sk, diff, BBR_UNIT) <= LT_BW_DIFF
            {
                self.lt_bw = bw.wrapping_add(self.lt_bw) >> 1;
                self.status.set_lt_use_bw(true);
                // Not even for a phase of probing above the policer's rate.
                self.gains.set_pacing_gain(BBR_UNIT);
                self.status.set_lt_rtt_cnt(0);
                return;
            }
        }
        self.lt_bw = bw;
        self.reset_lt_bw_sampling_interval(sk);
    }
}

/// The aggregation of ACKs.
///
/// Some links and receivers hold ACKs back and let many out at once. In the silence between, a
/// window of `2 * bw * min_rtt` may be used up, and the path idle. The surplus of an epoch, which
/// is what was acknowledged beyond `bw * time`, shows how much is held back:
///
/// ```text
/// extra_acked = acked - bw * (now - start of the epoch)
/// cwnd       += max(extra_acked of the last 5 to 10 rounds)
/// ```
impl Bbr {
    /// Processes an ACK of `acked` packets. Two maxima, of five rounds each, take turns.
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

        // A new epoch if there is no surplus, so that a burst is compared with its own time, or if
        // the epoch is too long.
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

    /// Returns what to add to the window for it. Nothing in Startup, where `bw` is too low and
    /// every ACK a surplus.
    fn ack_aggregation_cwnd(&self) -> Packets {
        if !self.gains.full_bw_reached() {
            return Packets::ZERO;
        }
        let most = u64::from(self.bw()).wrapping_mul(EXTRA_ACKED_MAX_US) >> BW_SCALE;
        let extra_acked = self.extra_acked.get(0).max(self.extra_acked.get(1));
        Packets::new(u32::from(extra_acked).min(most as u32))
    }
}

/// Returns `bw` times `gain`, less the margin, in bytes per second. In this order, 64 bits are
/// enough for 2.9 Tbit/s and the gain of Startup, and little is lost to rounding.
fn rate_bytes_per_sec(sk: &Sock, bw: u32, gain: u32) -> BytesPerSec {
    let rate = u64::from(bw)
        .wrapping_mul(sk.mss_cache().get().into())
        .wrapping_mul(gain.into())
        >> BBR_SCALE;
    let per_sec = 1_000_000 / 100 * (100 - PACING_MARGIN_PERCENT);
    BytesPerSec::new(rate.wrapping_mul(per_sec) >> BW_SCALE)
}

/// Returns the pacing rate for `bw` and `gain`, up to what the socket allows.
fn pacing_rate(sk: &Sock, bw: u32, gain: u32) -> BytesPerSec {
    rate_bytes_per_sec(sk, bw, gain).min(sk.sk_max_pacing_rate())
}

/// Returns the fewest packets to hand to the device at once. A large packet on a slow path would be
/// a burst, and take the place of pacing.
fn min_tso_segs(sk: &Sock) -> Packets {
    Packets::new(if sk.sk_pacing_rate() < MIN_TSO_RATE {
        1
    } else {
        2
    })
}

/// Returns the packets to hand to the device at once: those of a millisecond or so (section 4.2.2).
/// The driver's limit, `sk_gso_max_size`, is ignored, as in C.
fn tso_segs_goal(sk: &Sock) -> Packets {
    let most = u64::from((GSO_LEGACY_MAX_SIZE - 1).wrapping_sub(max_tcp_header().get()));
    let rate = sk.sk_pacing_rate().get();
    let bytes = rate.wrapping_shr(sk.sk_pacing_shift().into()).min(most);
    let segs = Packets::new(div_or(bytes as u32, sk.mss_cache().get(), 0));
    segs.max(min_tso_segs(sk)).min(MAX_TSO_SEGS)
}

/// Returns an instant in milliseconds, which wraps.
fn millis(instant: Micros64) -> u32 {
    (instant.get() / u64::from(USEC_PER_MSEC)) as u32
}
