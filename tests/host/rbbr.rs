// SPDX-License-Identifier: GPL-2.0-only

//! BBR: its arithmetic against real numbers, and a connection over a path that is computed.

use rbbr::{
    Mode,
    Rbbr, //
};
use std::collections::VecDeque;
use tcp_cc::{
    parts::minmax::MinMax,
    AckFlags,
    BbrInfo,
    CaState,
    Info,
    Jiffies32,
    Micros64, //
};
use tcp_cc_backend::seed_random;
use tcp_cc_host::{
    check,
    Connection,
    RawRateSample, //
};

/// Packets per microsecond in a bandwidth of 1.
const BW_UNIT: f64 = (1 << 24) as f64;

const SECOND: u64 = 1_000_000;

/// `TCP_CA_Recovery`
const RECOVERY: u8 = 3;

/// A sample of a connection whose packets took so long, and of which nothing was lost.
fn sample(delivered: i32, interval_us: i64, acked: u32) -> RawRateSample {
    RawRateSample {
        prior_mstamp: 1,
        delivered,
        interval_us,
        rtt_us: interval_us,
        acked_sacked: acked,
        ..Default::default()
    }
}

/// A connection of which the path is known: `bw`, and `min_rtt_us`.
fn known(bw: u32, min_rtt_us: u32) -> Connection<Rbbr> {
    let mut bbr = Connection::<Rbbr>::new();
    bbr.sk.srtt_us = min_rtt_us.wrapping_mul(8);
    let ca = bbr.state_mut();
    ca.bw = MinMax::new(0, bw);
    ca.min_rtt_us = min_rtt_us;
    ca.gains.set_full_bw_reached(true);
    ca.gains.set_has_seen_rtt(true);
    ca.status.set_mode(Mode::PROBE_BW);
    ca.gains.set_cycle_idx(2);
    bbr
}

/// An ACK that says nothing of the path.
fn ack(bbr: &mut Connection<Rbbr>, acked: u32) {
    let nothing = RawRateSample {
        delivered: -1,
        interval_us: -1,
        rtt_us: -1,
        acked_sacked: acked,
        ..Default::default()
    };
    bbr.cong_control(0, AckFlags::from_raw(0), nothing);
}

// --- Arithmetic -----------------------------------------------------------

#[test]
fn the_pacing_rate_is_that_of_real_numbers() {
    check(
        |any| {
            (
                any.within(1..=1 << 26),
                any.within(1..=65_535),
                any.below(8) as u32,
                any.of(&[u64::MAX, u64::MAX, 1_000_000, 0]),
            )
        },
        |(bw, mss, phase, most)| {
            let mut bbr = known(bw, 10_000);
            bbr.sk.mss_cache = mss;
            bbr.sk.sk_max_pacing_rate = most;
            bbr.state_mut().gains.set_cycle_idx(phase);
            bbr.state_mut().cycle_mstamp = Micros64::new(bbr.sk.tcp_mstamp);
            bbr.sk.delivered_mstamp = bbr.sk.tcp_mstamp;
            // More than there is to be in flight, so that no phase ends early.
            let crowded = RawRateSample {
                prior_in_flight: 1 << 20,
                ..sample(-1, -1, 0)
            };
            bbr.cong_control(0, AckFlags::from_raw(0), crowded);

            let gain = [1.25, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0][phase as usize];
            let exact = f64::from(bw) / BW_UNIT * f64::from(mss) * 1e6 * gain * 0.99;
            let exact = exact.min(most as f64);
            let rate = bbr.sk.sk_pacing_rate as f64;
            // What is cut off: less than a unit of the bandwidth, then less than a byte a second.
            let unit = 1e6 / BW_UNIT;
            assert!(
                rate <= exact && exact - rate < unit + 1.0,
                "{rate}, not {exact}"
            );
        },
    );
}

#[test]
fn the_first_pacing_rate_is_a_window_in_an_rtt() {
    check(
        |any| (any.within(1..=1000), any.within(0..=10_000_000)),
        |(cwnd, srtt)| {
            let mut bbr = Connection::<Rbbr>::new();
            bbr.sk.snd_cwnd = cwnd;
            bbr.sk.srtt_us = srtt << 3;
            bbr.init();
            assert_eq!(bbr.state().gains.has_seen_rtt(), srtt != 0);
            let rtt = if srtt == 0 { 1_000 } else { srtt };
            // The bandwidth has 32 bits.
            let bw = (u64::from(cwnd) << 24) / u64::from(rtt) & 0xffff_ffff;
            let exact = bw as f64 / BW_UNIT * 1448.0 * 1e6 * 739.0 / 256.0 * 0.99;
            let rate = bbr.sk.sk_pacing_rate as f64;
            assert!(rate <= exact && exact - rate < 2.0, "{rate}, not {exact}");
        },
    );
}

/// How many packets of 1448 bytes go into a millisecond, as `tcp_tso_autosize()` has it.
fn tso_segs(rate: u64, shift: u8) -> f64 {
    let bytes = (rate as f64 / f64::from(shift).exp2()).floor();
    let segs = (bytes.min(65_535.0 - 320.0) / 1448.0).floor();
    segs.max(if rate < 150_000 { 1.0 } else { 2.0 }).min(127.0)
}

#[test]
fn the_window_is_that_of_real_numbers() {
    check(
        |any| {
            let path = (any.within(1..=1 << 24), any.within(1..=1_000_000));
            (path, any.within(1..=1 << 20), any.within(1..=1 << 20))
        },
        |((bw, min_rtt_us), cwnd, acked)| {
            let mut bbr = known(bw, min_rtt_us);
            bbr.sk.snd_cwnd = cwnd;
            ack(&mut bbr, acked);
            let bdp = f64::from(bw) * f64::from(min_rtt_us) * 2.0 / BW_UNIT;
            let budget = 3.0 * tso_segs(bbr.sk.sk_pacing_rate, 10);
            let target = ((bdp.ceil() + budget) / 2.0).ceil() * 2.0;
            let exact = f64::from(cwnd + acked).min(target).max(4.0);
            assert_eq!(f64::from(bbr.sk.snd_cwnd), exact);
        },
    );
}

#[test]
fn probing_puts_two_packets_more_into_flight() {
    let windows = [0, 2].map(|phase| {
        let mut bbr = known(1 << 14, 10_000);
        bbr.state_mut().gains.set_cycle_idx(phase);
        bbr.state_mut().gains.set_pacing_gain(256);
        bbr.state_mut().cycle_mstamp = Micros64::new(bbr.sk.tcp_mstamp);
        bbr.sk.delivered_mstamp = bbr.sk.tcp_mstamp;
        bbr.sk.snd_cwnd = 1000;
        ack(&mut bbr, 1);
        bbr.sk.snd_cwnd
    });
    assert_eq!(windows[0], windows[1] + 2);
}

#[test]
fn without_an_rtt_the_window_stays_that_of_a_new_connection() {
    let mut bbr = known(1 << 20, u32::MAX);
    bbr.sk.snd_cwnd = 500;
    ack(&mut bbr, 10);
    // And three of the largest packets that there are, rounded up to an even number.
    assert_eq!(bbr.sk.snd_cwnd, (10 + 3 * 45) + 1);
}

#[test]
fn few_packets_at_once_at_a_low_rate() {
    let mut bbr = Connection::<Rbbr>::new();
    for (rate, segs) in [(0, 1), (149_999, 1), (150_000, 2), (u64::MAX, 2)] {
        bbr.sk.sk_pacing_rate = rate;
        assert_eq!(bbr.min_tso_segs(), segs);
    }
    assert_eq!(bbr.sndbuf_expand(), 3);
}

#[test]
fn ss_shows_the_model() {
    check(
        |any| (any.u32(), any.u32(), any.u32(), any.bool()),
        |(bw, lt_bw, min_rtt_us, is_policed)| {
            let mut bbr = known(bw, min_rtt_us);
            let ca = bbr.state_mut();
            ca.lt_bw = lt_bw;
            ca.status.set_lt_use_bw(is_policed);
            ca.gains.set_pacing_gain(320);
            ca.gains.set_cwnd_gain(512);
            let bw = if is_policed { lt_bw } else { bw };
            let bytes = u128::from(bw) * 1448 * 1_000_000;
            // The kernel has 64 bits for the product.
            let expected = BbrInfo {
                bw: bytes as u64 >> 24,
                min_rtt: min_rtt_us,
                pacing_gain: 320,
                cwnd_gain: 512,
            };
            assert_eq!(bbr.get_info(), Some(Info::Bbr(expected)));
        },
    );
}

/// The largest bandwidth of ten rounds, of those samples that say something.
#[test]
fn the_bandwidth_is_the_largest_of_ten_rounds() {
    check(
        |any| {
            any.list(60, |any| {
                (
                    any.within(0..=10_000) as i32,
                    i64::from(any.within(1..=1_000_000)),
                    any.of(&[false, false, true]),
                )
            })
        },
        |samples| {
            let mut bbr = Connection::<Rbbr>::new();
            let mut seen: Vec<(u32, u32)> = vec![(0, 0)];
            for (delivered, interval_us, is_app_limited) in samples {
                let before = bbr.state().bw.get();
                let rs = RawRateSample {
                    is_app_limited,
                    prior_delivered: bbr.sk.delivered,
                    ..sample(delivered, interval_us, 1)
                };
                bbr.cong_control(0, AckFlags::from_raw(0), rs);
                let (now, bw) = (bbr.state().rtt_cnt, bbr.state().bw.get());
                let exact = (f64::from(delivered) * BW_UNIT / interval_us as f64).floor();
                // 2^32 and more, 256 packets in a microsecond, do not fit.
                if exact >= 4_294_967_296.0 {
                    return;
                }
                let measured = exact as u32;
                if is_app_limited && measured < before {
                    assert_eq!(bw, before);
                    continue;
                }
                seen.push((now, measured));
                let window: Vec<u32> = seen
                    .iter()
                    .filter(|(then, _)| now - then <= 10)
                    .map(|&(_, bw)| bw)
                    .collect();
                assert!(bw >= measured && window.contains(&bw), "{bw} of {window:?}");
            }
        },
    );
}

// --- What happens ---------------------------------------------------------

/// So many rounds with this bandwidth.
fn rounds(bbr: &mut Connection<Rbbr>, count: u32, packets: i32) {
    for _ in 0..count {
        bbr.advance(10_000);
        bbr.sk.delivered += 10;
        bbr.sk.delivered_mstamp = bbr.sk.tcp_mstamp;
        let rs = RawRateSample {
            prior_delivered: bbr.sk.delivered,
            ..sample(packets, 10_000, 10)
        };
        bbr.sk.packets_out = 100_000;
        bbr.cong_control(0, AckFlags::from_raw(0), rs);
    }
}

#[test]
fn startup_ends_after_three_rounds_without_growth() {
    let mut bbr = Connection::<Rbbr>::new();
    rounds(&mut bbr, 1, 100);
    assert_eq!(bbr.state().gains.pacing_gain(), 739);
    // A quarter more, rounded down.
    for packets in [125, 157, 197, 247] {
        rounds(&mut bbr, 1, packets);
        assert_eq!(bbr.state().gains.full_bw_cnt(), 0, "{packets}");
    }
    rounds(&mut bbr, 2, 300);
    assert_eq!(bbr.state().status.mode(), Mode::STARTUP);
    rounds(&mut bbr, 1, 307);
    // Much is in flight, so it is drained first.
    assert_eq!(bbr.state().status.mode(), Mode::DRAIN);
    assert_eq!(bbr.state().gains.pacing_gain(), 88);
    // What the path holds, and three of the largest packets that there are.
    assert_eq!(bbr.sk.snd_ssthresh, 307 + 3 * 45);

    bbr.sk.packets_out = 300;
    ack(&mut bbr, 1);
    assert_eq!(bbr.state().status.mode(), Mode::PROBE_BW);
    assert_eq!(bbr.state().gains.cwnd_gain(), 512);
}

#[test]
fn samples_that_the_application_limits_do_not_end_startup() {
    let mut bbr = Connection::<Rbbr>::new();
    for _ in 0..20 {
        let rs = RawRateSample {
            prior_delivered: bbr.sk.delivered,
            is_app_limited: true,
            ..sample(10, 10_000, 10)
        };
        bbr.cong_control(0, AckFlags::from_raw(0), rs);
    }
    assert_eq!(bbr.state().status.mode(), Mode::STARTUP);
    assert_eq!(bbr.state().gains.full_bw_cnt(), 0);
}

/// Each of the phases but the second, as often as the others.
#[test]
fn a_cycle_begins_in_any_phase_but_the_draining_one() {
    let mut count = [0; 8];
    for seed in 0..7_000 {
        seed_random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let mut bbr = known(1 << 20, 10_000);
        bbr.state_mut().status.set_mode(Mode::DRAIN);
        ack(&mut bbr, 1);
        assert_eq!(bbr.state().status.mode(), Mode::PROBE_BW);
        count[bbr.state().gains.cycle_idx() as usize] += 1;
    }
    assert_eq!(count[1], 0);
    count[1] = 1000;
    assert!(count.iter().all(|n| (850..1150).contains(n)), "{count:?}");
}

#[test]
fn a_cycle_has_eight_phases_of_an_rtt() {
    let mut bbr = known(1 << 20, 10_000);
    let mut gains = Vec::new();
    bbr.sk.delivered_mstamp = bbr.sk.tcp_mstamp;
    for _ in 0..16 {
        bbr.advance(10_001);
        bbr.sk.delivered_mstamp = bbr.sk.tcp_mstamp;
        // As much in flight as there is to be.
        let rs = RawRateSample {
            prior_in_flight: 1 << 20,
            ..sample(-1, -1, 1)
        };
        bbr.cong_control(0, AckFlags::from_raw(0), rs);
        gains.push(bbr.state().gains.pacing_gain());
    }
    let cycle = [256, 256, 256, 256, 256, 320, 192, 256];
    assert_eq!(gains, [cycle, cycle].concat());
}

#[test]
fn a_phase_ends_by_what_is_in_flight() {
    // The path holds 625 packets; three large packets of 45 more go to the ends.
    let after = |phase: u32, gain: u32, passed_us: u64, in_flight: u32, losses: i32| {
        let mut bbr = known(1 << 20, 10_000);
        let ca = bbr.state_mut();
        ca.gains.set_cycle_idx(phase);
        ca.gains.set_pacing_gain(gain);
        ca.cycle_mstamp = Micros64::new(5);
        bbr.sk.delivered_mstamp = 5 + passed_us;
        let rs = RawRateSample {
            prior_in_flight: in_flight,
            losses,
            ..sample(-1, -1, 1)
        };
        bbr.sk.sk_pacing_rate = 45 * 1448 * 1024;
        bbr.cong_control(0, AckFlags::from_raw(0), rs);
        bbr.state().gains.cycle_idx() != phase
    };
    // More is being put into flight: until it is there, or something is lost.
    assert!(!after(0, 320, 10_000, 2000, 0));
    assert!(after(0, 320, 10_001, 2000, 0));
    assert!(!after(0, 320, 10_001, 850, 0));
    assert!(after(0, 320, 10_001, 850, 1));
    // The queue is being drained: until it is gone, or an RTT has passed.
    assert!(after(1, 192, 1, 625 + 3 * 45, 0));
    assert!(!after(1, 192, 1, 625 + 3 * 45 + 2, 0));
    assert!(after(1, 192, 10_001, 2000, 0));
}

/// Ten seconds without a shorter RTT: four packets in flight for 200 ms and a round.
#[test]
fn probe_rtt_measures_again() {
    let mut bbr = known(1 << 20, 10_000);
    (bbr.sk.snd_cwnd, bbr.sk.delivered) = (1300, 10_000);
    bbr.state_mut().min_rtt_stamp = Jiffies32::new(bbr.jiffies as u32);
    let longer = |bbr: &mut Connection<Rbbr>, in_flight: u32, begins_round: bool| {
        bbr.sk.packets_out = in_flight;
        bbr.sk.delivered += 1;
        bbr.sk.delivered_mstamp = bbr.sk.tcp_mstamp;
        let rs = RawRateSample {
            rtt_us: 11_000,
            prior_delivered: bbr.sk.delivered - if begins_round { 0 } else { 1000 },
            is_ack_delayed: false,
            ..sample(600, 11_000, 1)
        };
        bbr.cong_control(0, AckFlags::from_raw(0), rs);
    };
    bbr.advance(10 * SECOND);
    longer(&mut bbr, 1300, true);
    assert_eq!(bbr.state().status.mode(), Mode::PROBE_BW);
    assert_eq!(bbr.state().min_rtt_us, 10_000);

    bbr.advance(1_000);
    longer(&mut bbr, 1300, false);
    assert_eq!(bbr.state().status.mode(), Mode::PROBE_RTT);
    assert_eq!(bbr.state().min_rtt_us, 11_000);
    let window = bbr.state().prior_cwnd.get();
    assert_eq!((bbr.sk.snd_cwnd, window > 1000), (4, true));
    assert_eq!(bbr.sk.app_limited, bbr.sk.delivered + 1300);

    // The time begins when there are four packets in flight.
    bbr.advance(SECOND);
    longer(&mut bbr, 5, true);
    assert!(bbr.state().probe_rtt_done_stamp.is_zero());
    longer(&mut bbr, 4, false);
    assert_eq!(
        bbr.state().probe_rtt_done_stamp,
        Jiffies32::new(bbr.jiffies.wrapping_add(200) as u32)
    );
    bbr.advance(200_000);
    longer(&mut bbr, 4, true);
    assert_eq!(bbr.state().status.mode(), Mode::PROBE_RTT);
    bbr.advance(1_000);
    longer(&mut bbr, 4, false);
    assert_eq!(bbr.state().status.mode(), Mode::PROBE_BW);
    assert!(bbr.sk.snd_cwnd >= window);
}

#[test]
fn after_an_idle_time_probe_rtt_is_not_needed() {
    let mut bbr = known(1 << 20, 10_000);
    bbr.sk.app_limited = 1;
    bbr.sk.sk_pacing_rate = u64::MAX;
    bbr.advance(20 * SECOND);
    bbr.cwnd_event_tx_start();
    assert!(bbr.state().status.idle_restart());
    // As fast as the path, and not faster.
    let exact = 1e6 / 16.0 * 1448.0 * 0.99;
    assert!((bbr.sk.sk_pacing_rate as f64 - exact).abs() < 2.0);

    let rs = RawRateSample {
        rtt_us: 12_000,
        ..sample(1, 12_000, 1)
    };
    bbr.cong_control(0, AckFlags::from_raw(0), rs);
    assert_eq!(bbr.state().status.mode(), Mode::PROBE_BW);
    assert_eq!(bbr.state().min_rtt_us, 12_000);
    assert!(!bbr.state().status.idle_restart());
}

#[test]
fn a_recovery_conserves_packets_for_a_round_and_restores_the_window() {
    let mut bbr = known(1 << 20, 10_000);
    bbr.sk.snd_cwnd = 700;
    bbr.sk.delivered = 5000;
    assert_eq!(bbr.ssthresh(), bbr.sk.snd_ssthresh);
    assert_eq!(bbr.state().prior_cwnd.get(), 700);

    bbr.set_ca_state(CaState::RECOVERY);
    bbr.sk.packets_out = 500;
    bbr.sk.lost_out = 20;
    let in_round = |bbr: &mut Connection<Rbbr>, prior_delivered, acked, losses| {
        let rs = RawRateSample {
            prior_delivered,
            losses,
            ..sample(600, 10_000, acked)
        };
        bbr.cong_control(0, AckFlags::from_raw(0), rs);
    };
    in_round(&mut bbr, 4000, 3, 20);
    assert!(bbr.state().status.packet_conservation());
    assert_eq!(bbr.sk.snd_cwnd, 480 + 3);
    in_round(&mut bbr, 4000, 2, 5);
    assert_eq!(bbr.sk.snd_cwnd, 480 + 2);
    // A round later twice as much as is acknowledged.
    in_round(&mut bbr, 5000, 2, 0);
    assert!(!bbr.state().status.packet_conservation());
    assert_eq!(bbr.sk.snd_cwnd, 484);

    bbr.set_ca_state(CaState::OPEN);
    in_round(&mut bbr, 5000, 1, 0);
    assert_eq!(bbr.sk.snd_cwnd, 701);
}

#[test]
fn a_timeout_is_a_loss_and_a_round() {
    let mut bbr = known(1 << 20, 10_000);
    bbr.state_mut().full_bw = 7;
    bbr.sk.delivered_mstamp = 5_123_456;
    bbr.sk.lost = 9;
    bbr.set_ca_state(CaState::RECOVERY);
    assert_eq!(bbr.state().full_bw, 7);
    bbr.timeout();
    let ca = bbr.state();
    assert_eq!(ca.status.prev_ca_state(), CaState::LOSS);
    assert!(ca.status.round_start() && ca.status.lt_is_sampling());
    assert_eq!((ca.full_bw, ca.status.lt_rtt_cnt()), (0, 1));
    assert_eq!(ca.lt_last_stamp, 5_123);
    assert_eq!(ca.lt_last_lost.get(), 9);

    bbr.undo();
    assert_eq!(bbr.sk.snd_cwnd, 1);
    assert!(!bbr.state().status.lt_is_sampling());
}

/// Aggregated ACKs: what comes beyond the bandwidth is added to the window, for up to ten rounds.
#[test]
fn aggregated_acks_get_room_in_the_window() {
    // 156.25 packets in 10 ms.
    let mut bbr = known(1 << 18, 10_000);
    let mut windows = Vec::new();
    for round in 0..40 {
        bbr.advance(10_000);
        bbr.sk.delivered_mstamp = bbr.sk.tcp_mstamp;
        // For once a hundred come early.
        let acked = match round {
            5 => 256,
            6 => 56,
            _ => 155,
        };
        bbr.sk.delivered += acked;
        let rs = RawRateSample {
            prior_delivered: bbr.sk.delivered,
            ..sample(156, 10_000, acked)
        };
        bbr.cong_control(0, AckFlags::from_raw(0), rs);
        windows.push(bbr.sk.snd_cwnd);
    }
    let usual = windows[4];
    assert!((95..=101).contains(&(windows[5] - usual)), "{windows:?}");
    assert_eq!(windows[9], windows[5]);
    assert!(windows[20].abs_diff(usual) < 20, "{windows:?}");
}

/// A policer: two intervals with the same rate, in each of which much is lost.
#[test]
fn a_policed_rate_is_kept_to() {
    let mut bbr = known(1 << 20, 10_000);
    let policed = |bbr: &mut Connection<Rbbr>, rounds: u32| {
        let mut became = None;
        for round in 0..rounds {
            bbr.advance(10_000);
            bbr.sk.delivered_mstamp = bbr.sk.tcp_mstamp;
            // 100 packets in 10 ms get through, and 50 do not.
            bbr.sk.delivered += 100;
            bbr.sk.lost += 50;
            let rs = RawRateSample {
                prior_delivered: bbr.sk.delivered,
                losses: 50,
                ..sample(600, 10_000, 100)
            };
            bbr.cong_control(0, AckFlags::from_raw(0), rs);
            if bbr.state().status.lt_use_bw() && became.is_none() {
                became = Some(round);
            }
        }
        became
    };
    assert!(policed(&mut bbr, 20).is_some());
    let rate = f64::from(bbr.state().lt_bw) / BW_UNIT;
    assert!((rate - 0.01).abs() < 0.001, "{rate} packets a microsecond");
    assert_eq!(bbr.state().gains.pacing_gain(), 256);
    // After 48 rounds it tries again.
    let mut left = 0;
    while bbr.state().status.lt_use_bw() {
        policed(&mut bbr, 1);
        left += 1;
        assert!(left < 60);
    }
}

// --- What no kernel does --------------------------------------------------

#[test]
fn an_mss_of_0_has_no_rate_and_no_packets() {
    let mut bbr = known(1 << 20, 10_000);
    bbr.sk.mss_cache = 0;
    ack(&mut bbr, 10);
    assert_eq!(bbr.sk.sk_pacing_rate, 0);
    let expected = BbrInfo {
        bw: 0,
        min_rtt: 10_000,
        pacing_gain: 256,
        cwnd_gain: 512,
    };
    assert_eq!(bbr.get_info(), Some(Info::Bbr(expected)));
}

/// Samples of nothing, or of what cannot be, leave the model as it was.
#[test]
fn a_sample_that_says_nothing_changes_no_estimate() {
    for (delivered, interval_us) in [
        (-1, -1),
        (-1, 1_000),
        (10, 0),
        (10, -1),
        (i32::MIN, i64::MIN),
        (i32::MAX, i64::MIN),
    ] {
        let mut bbr = known(1 << 20, 10_000);
        let rs = RawRateSample {
            rtt_us: -1,
            ..sample(delivered, interval_us, 0)
        };
        bbr.cong_control(0, AckFlags::from_raw(0), rs);
        let ca = bbr.state();
        assert_eq!(
            (ca.bw.get(), ca.min_rtt_us, ca.rtt_cnt),
            (1 << 20, 10_000, 0)
        );
    }
}

/// A clock that goes back, or ahead by years: phases last, or end, and nothing else.
#[test]
fn a_clock_that_jumps_breaks_nothing() {
    check(
        |any| any.list(20, |any| (any.u64(), any.u64(), any.u64(), any.u32())),
        |jumps| {
            let mut bbr = known(1 << 20, 10_000);
            for (mstamp, clock, wstamp, jiffies) in jumps {
                bbr.sk.tcp_mstamp = mstamp;
                bbr.sk.delivered_mstamp = mstamp;
                bbr.sk.tcp_clock_cache = clock;
                bbr.sk.tcp_wstamp_ns = wstamp;
                bbr.jiffies = jiffies.into();
                let rs = RawRateSample {
                    prior_delivered: bbr.sk.delivered,
                    losses: 1,
                    ..sample(600, 10_000, 10)
                };
                bbr.cong_control(0, AckFlags::from_raw(0), rs);
                bbr.cwnd_event_tx_start();
                assert!((1..=10_000).contains(&bbr.sk.snd_cwnd));
                assert!(bbr.state().bw.get() >= 1 << 19);
            }
        },
    );
}

// --- A path ---------------------------------------------------------------

/// A packet on the path, and what the kernel notes with it.
#[derive(Clone, Copy)]
struct Packet {
    number: u32,
    sent_us: u64,
    first_us: u64,
    delivered: u32,
    delivered_us: u64,
    /// When it is acknowledged; `None` if it is lost.
    acked_us: Option<u64>,
}

/// A connection over a path of a certain bandwidth and delay, with a queue, losses, or a policer.
struct Path {
    bbr: Connection<Rbbr>,
    /// Microseconds that a packet takes on the link.
    packet_us: f64,
    rtt_us: u64,
    /// The longest queue, in packets.
    queue: f64,
    /// One packet in so many is lost; 0 for none.
    lost_in: u32,
    now_us: u64,
    link_free_us: f64,
    next_send_us: f64,
    first_us: u64,
    sent: u32,
    recovery_until: u32,
    in_flight: VecDeque<Packet>,
    longest_rtt_us: u64,
}

impl Path {
    /// A path of so many packets a second, with a queue of so many.
    fn new(packets: f64, rtt_us: u64, queue: f64, lost_in: u32) -> Self {
        let mut bbr = Connection::<Rbbr>::new();
        bbr.sk.delivered_mstamp = bbr.sk.tcp_mstamp;
        Self {
            now_us: bbr.sk.tcp_mstamp,
            first_us: bbr.sk.tcp_mstamp,
            bbr,
            packet_us: 1e6 / packets,
            rtt_us,
            queue,
            lost_in,
            link_free_us: 0.0,
            next_send_us: 0.0,
            sent: 0,
            recovery_until: 0,
            in_flight: VecDeque::new(),
            longest_rtt_us: 0,
        }
    }

    /// Goes on for so long; how many packets a second were delivered.
    fn run(&mut self, usecs: u64) -> f64 {
        let (end, before) = (self.now_us + usecs, self.bbr.sk.delivered);
        self.longest_rtt_us = 0;
        while self.now_us < end {
            let sends = self.bbr.sk.packets_out < self.bbr.sk.snd_cwnd;
            let acked_us = self.in_flight.iter().find_map(|packet| packet.acked_us);
            let next_us = (self.next_send_us.ceil() as u64).max(self.now_us);
            match acked_us {
                Some(acked_us) if !sends || acked_us <= next_us => self.ack(acked_us),
                _ => self.send(next_us),
            }
        }
        f64::from(self.bbr.sk.delivered.wrapping_sub(before)) * 1e6 / usecs as f64
    }

    /// Time goes on, on all clocks.
    fn advance(&mut self, until_us: u64) {
        self.bbr.advance(until_us - self.now_us);
        self.now_us = until_us;
        self.bbr.sk.tcp_clock_cache = until_us * 1000;
        self.bbr.sk.tcp_wstamp_ns = (self.next_send_us * 1000.0) as u64;
    }

    /// A packet leaves, and has what comes of it before it.
    fn send(&mut self, at_us: u64) {
        self.advance(at_us);
        let sk = &mut self.bbr.sk;
        if sk.packets_out == 0 {
            self.first_us = at_us;
            sk.delivered_mstamp = at_us;
        }
        self.next_send_us = at_us as f64 + 1448.0 * 1e6 / sk.sk_pacing_rate as f64;
        self.sent += 1;
        let waits_us = (self.link_free_us - at_us as f64).max(0.0);
        let is_dropped = waits_us / self.packet_us > self.queue
            || (self.lost_in > 0 && self.sent % self.lost_in == 0);
        if !is_dropped {
            self.link_free_us = at_us as f64 + waits_us + self.packet_us;
        }
        self.in_flight.push_back(Packet {
            number: self.sent,
            sent_us: at_us,
            first_us: self.first_us,
            delivered: sk.delivered,
            delivered_us: sk.delivered_mstamp,
            acked_us: (!is_dropped).then_some(self.link_free_us as u64 + self.rtt_us),
        });
        sk.packets_out += 1;
    }

    /// The first packet that is not lost is acknowledged; so those before it are lost.
    fn ack(&mut self, at_us: u64) {
        self.advance(at_us);
        let mut losses = 0;
        let packet = loop {
            let first = self.in_flight.pop_front().expect("one is acknowledged");
            match first.acked_us {
                Some(_) => break first,
                None => losses += 1,
            }
        };
        let sk = &mut self.bbr.sk;
        sk.packets_out -= losses + 1;
        sk.lost += losses;
        sk.delivered += 1;
        sk.delivered_mstamp = at_us;
        let rtt_us = at_us - packet.sent_us;
        sk.srtt_us = match sk.srtt_us {
            0 => rtt_us as u32 * 8,
            srtt => srtt - srtt / 8 + rtt_us as u32,
        };
        self.first_us = packet.sent_us;
        self.longest_rtt_us = self.longest_rtt_us.max(rtt_us);
        let delivered = sk.delivered - packet.delivered;
        let prior_in_flight = sk.packets_out + losses + 1;

        if losses > 0 && sk.icsk_ca_state < RECOVERY {
            self.bbr.ssthresh();
            self.bbr.set_ca_state(CaState::RECOVERY);
            self.recovery_until = self.sent;
        } else if self.bbr.sk.icsk_ca_state == RECOVERY && packet.number > self.recovery_until {
            self.bbr.set_ca_state(CaState::OPEN);
        }
        let interval = (packet.sent_us - packet.first_us).max(at_us - packet.delivered_us);
        let rs = RawRateSample {
            prior_mstamp: packet.delivered_us,
            prior_delivered: packet.delivered,
            rtt_us: rtt_us as i64,
            losses: losses as i32,
            prior_in_flight,
            ..sample(delivered as i32, interval as i64, 1)
        };
        self.bbr.cong_control(0, AckFlags::from_raw(0), rs);
    }

    /// The bandwidth estimate, in packets a second.
    fn bw(&self) -> f64 {
        f64::from(self.bbr.state().bw.get()) / BW_UNIT * 1e6
    }
}

/// The estimates are what the path is, and the queue stays short, however long it could be.
#[test]
#[cfg_attr(miri, ignore = "takes too long there")]
fn finds_the_path() {
    for (packets, rtt_us) in [(1_000.0, 20_000), (8_000.0, 40_000), (20_000.0, 5_000)] {
        let mut path = Path::new(packets, rtt_us, 1e9, 0);
        path.run(2 * SECOND);
        assert_eq!(path.bbr.state().status.mode(), Mode::PROBE_BW);
        let delivered = path.run(6 * SECOND);
        let (bw, min_rtt_us) = (path.bw(), f64::from(path.bbr.state().min_rtt_us));
        assert!((bw / packets - 1.0).abs() < 0.02, "{bw} of {packets}");
        assert!(delivered > packets * 0.97, "{delivered} of {packets}");
        let exact = rtt_us as f64 + path.packet_us;
        assert!(
            (min_rtt_us - exact).abs() < path.packet_us + 2.0,
            "{min_rtt_us} of {exact}"
        );
        // Probing puts a quarter more into flight, and the packets that the ends may hold.
        let budget = 3.0 * tso_segs(path.bbr.sk.sk_pacing_rate, 10) + 2.0;
        let longest = path.longest_rtt_us as f64;
        assert!(
            longest < exact * 1.3 + budget * path.packet_us,
            "{longest} of {exact}"
        );
    }
}

/// Losses that are no congestion do not matter. With these Reno would have a window of 27 packets,
/// and the path holds 320.
#[test]
#[cfg_attr(miri, ignore = "takes too long there")]
fn random_losses_do_not_slow_it_down() {
    let mut path = Path::new(8_000.0, 40_000, 1e9, 500);
    path.run(2 * SECOND);
    let delivered = path.run(6 * SECOND);
    assert!(delivered > 8_000.0 * 0.97, "{delivered}");
    assert!((path.bw() / 8_000.0 - 1.0).abs() < 0.02, "{}", path.bw());
}

/// With a queue of a tenth of what the path holds, it goes on at nearly the full rate.
#[test]
#[cfg_attr(miri, ignore = "takes too long there")]
fn a_short_queue_is_enough() {
    let mut path = Path::new(8_000.0, 40_000, 32.0, 0);
    path.run(2 * SECOND);
    let delivered = path.run(6 * SECOND);
    assert!(delivered > 8_000.0 * 0.9, "{delivered}");
}

/// When the path gets longer, it finds that out within ten seconds and some.
#[test]
#[cfg_attr(miri, ignore = "takes too long there")]
fn finds_a_longer_path() {
    let mut path = Path::new(2_000.0, 20_000, 1e9, 0);
    path.run(3 * SECOND);
    path.rtt_us = 60_000;
    path.run(12 * SECOND);
    let min_rtt_us = path.bbr.state().min_rtt_us;
    assert!((60_000..62_000).contains(&min_rtt_us), "{min_rtt_us}");
}
