// SPDX-License-Identifier: GPL-2.0-only

//! CUBIC.

use rcubic::{
    acked_per_packet,
    time_to_plateau,
    w_cubic as w_cubic_in_packets,
    w_est_growth,
    Cubic,
    Params,
    Rcubic, //
};
use tcp_cc::{
    CaState,
    Jiffies32,
    Ticks,
    Usecs32, //
};
use tcp_cc_host::{
    check,
    Connection,
    RawAckSample, //
};

/// A round trip time in microseconds: the one at which C is that of RFC 9438.
const RTT: u32 = 100_000;

/// What is left of the window after a loss, as the algorithm has it.
const BETA: f64 = 717.0 / 1024.0;

/// A connection in congestion avoidance.
fn cubic(snd_cwnd: u32) -> Connection<Rcubic> {
    let mut cubic = Connection::new();
    cubic.sk.snd_cwnd = snd_cwnd;
    cubic.sk.snd_ssthresh = 1;
    cubic
}

/// RFC 9438, equations 1 and 2, in floating point.
fn w_cubic(t: f64, w_max: f64, cwnd_epoch: f64) -> f64 {
    const C: f64 = 0.4;
    let k = ((w_max - cwnd_epoch) / C).cbrt();
    C * (t - k).powi(3) + w_max
}

/// The window is within 3 % of the curve for 15 seconds after a loss; `prepare` sets the clocks.
fn follows_the_curve(w_max: u32, prepare: impl Fn(&mut Connection<Rcubic>)) {
    let mut cubic = cubic(w_max);
    prepare(&mut cubic);
    cubic.loss();
    let epoch = f64::from(cubic.sk.snd_cwnd);
    assert_eq!(epoch, (f64::from(w_max) * BETA).floor());

    for round in 1..=150 {
        cubic.round_trip(RTT);
        let t = f64::from(round) * 0.1;
        let window = f64::from(cubic.sk.snd_cwnd);
        let curve = w_cubic(t, f64::from(w_max), epoch);
        assert!(
            (window - curve).abs() <= curve * 0.03,
            "{t:.1} s after a loss at {w_max}: a window of {window}, RFC 9438 says {curve:.1}"
        );
    }
    assert!(cubic.sk.snd_cwnd > w_max);
}

#[test]
#[cfg_attr(miri, ignore = "takes too long there")]
fn follows_rfc_9438() {
    for w_max in [400, 1000, 3000] {
        follows_the_curve(w_max, |_| ());
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes too long there")]
fn follows_rfc_9438_whatever_the_tick() {
    for hz in [100, 250] {
        follows_the_curve(1000, |cubic| cubic.hz = hz);
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes too long there")]
fn follows_rfc_9438_while_jiffies_wrap() {
    follows_the_curve(1000, |cubic| cubic.jiffies = (-5_000_i32 as u32).into());
}

#[test]
#[cfg_attr(miri, ignore = "takes too long there")]
fn an_idle_time_does_not_count() {
    let (mut busy, mut idle) = (cubic(1000), cubic(1000));
    for cubic in [&mut busy, &mut idle] {
        cubic.loss();
        cubic.round_trips(20, RTT);
    }
    idle.idle(60_000_000);
    for _ in 0..60 {
        busy.round_trip(RTT);
        idle.round_trip(RTT);
        let (busy, idle) = (busy.sk.snd_cwnd, idle.sk.snd_cwnd);
        assert!(
            idle.abs_diff(busy) <= 1 + busy / 50,
            "{idle}, and {busy} without the pause"
        );
    }
}

#[test]
fn leaves_slow_start_when_the_delay_grows() {
    // Few packets, far apart: no train.
    let mut cubic = Connection::<Rcubic>::new();
    cubic.round_trips(2, RTT);
    assert_eq!(
        (cubic.sk.snd_cwnd, cubic.sk.snd_ssthresh),
        (40, i32::MAX as u32)
    );
    cubic.round_trip(RTT + RTT / 8 - 1);
    assert_eq!(cubic.sk.snd_ssthresh, i32::MAX as u32);

    cubic.sk.snd_cwnd = 20;
    cubic.idle(0);
    cubic.round_trip(RTT + RTT / 8 + 1);
    assert!(
        cubic.sk.snd_ssthresh <= 40,
        "slow start goes on to {}",
        cubic.sk.snd_ssthresh
    );
    // Found once, by the delay, at this window.
    assert_eq!(cubic.sk.mibs, [0, 0, 1, cubic.sk.snd_ssthresh.into()]);
    assert_eq!(cubic.state().hystart.found, 1);
}

#[test]
fn leaves_slow_start_when_a_train_is_long() {
    // ACKs every millisecond, for half of the delay.
    let mut cubic = Connection::<Rcubic>::new();
    cubic.sk.snd_cwnd = 100;
    cubic.round_trip(RTT);
    assert_eq!(cubic.sk.snd_ssthresh, 151);
    assert_eq!(cubic.sk.mibs, [1, 151, 0, 0]);

    // ACKs too far apart are no train.
    let mut cubic = Connection::<Rcubic>::new();
    cubic.sk.snd_cwnd = 49;
    cubic.round_trip(RTT);
    assert_eq!(cubic.sk.snd_ssthresh, i32::MAX as u32);

    // Pacing spreads the train: then it is to last for all of the delay.
    let mut cubic = Connection::<Rcubic>::new();
    cubic.sk.snd_cwnd = 100;
    cubic.sk.sk_pacing_status = 1;
    cubic.round_trip(RTT);
    assert_eq!(cubic.sk.snd_ssthresh, i32::MAX as u32);
    cubic.round_trip(RTT + RTT / 20);
    let found_at = 200 + 200 * 20 / 21;
    assert!(
        cubic.sk.snd_ssthresh.abs_diff(found_at) <= 2,
        "found at {}",
        cubic.sk.snd_ssthresh
    );
    assert_eq!(cubic.sk.mibs, [1, cubic.sk.snd_ssthresh.into(), 0, 0]);
}

#[test]
fn hystart_does_nothing_in_a_small_window() {
    let mut cubic = Connection::<Rcubic>::new();
    cubic.sk.snd_cwnd = 4;
    cubic.round_trips(2, 1000);
    assert_eq!((cubic.sk.snd_cwnd, cubic.state().hystart.found), (16, 0));
    cubic.round_trip(1000);
    assert_eq!(cubic.state().hystart.found, 1);
}

#[test]
fn starts_anew_after_a_timeout() {
    let mut cubic = cubic(100);
    cubic.round_trip(RTT);
    cubic.loss();
    let cwnd = cubic.sk.prior_cwnd;
    assert_eq!(cubic.state().w_max, cwnd);
    assert_eq!(cubic.state().delay_min.get(), RTT);

    cubic.set_ca_state(CaState::RECOVERY);
    assert_eq!(cubic.state().w_max, cwnd);
    cubic.timeout();
    let ca = cubic.state();
    assert_eq!(
        (ca.w_max, ca.delay_min.get(), ca.cnt, ca.plateau),
        (0, 0, 0, 0)
    );
    assert_eq!(
        (ca.hystart.end_seq.get(), ca.hystart.curr_rtt.get()),
        (cubic.sk.high_seq, u32::MAX)
    );
}

#[test]
fn what_a_loss_leaves() {
    check(
        |any| (any.within(1..=i32::MAX as u32), any.u32()),
        |(cwnd, w_max)| {
            let mut cubic = cubic(cwnd);
            let ca = cubic.state_mut();
            ca.w_max = w_max;
            ca.epoch_start = Jiffies32::new(1);
            let ssthresh = cubic.ssthresh();
            let ca = cubic.state();
            assert!(ca.epoch_start.is_zero());
            // C multiplies in 32 bits.
            let part = |numerator: u32, denominator| cwnd.wrapping_mul(numerator) / denominator;
            assert_eq!(ssthresh, part(717, 1024).max(2));
            // Fast convergence: less than the window, if the last maximum was not reached.
            let max = if cwnd < w_max {
                part(1024 + 717, 2048)
            } else {
                cwnd
            };
            assert_eq!(ca.w_max, max);
        },
    );
}

/// One ACK of `acked` packets at the tick `now`, in a state so prepared: the state after it.
fn after_ack(cwnd: u32, acked: u32, now: u32, prepare: impl Fn(&mut Cubic)) -> Cubic {
    let mut cubic = cubic(cwnd);
    cubic.jiffies = now.into();
    prepare(cubic.state_mut());
    cubic.cong_avoid(0, acked);
    cubic.state()
}

/// C's loop is the specification; here a closed form is in its place.
#[test]
fn keeps_up_with_reno_as_c_does() {
    check(
        |any| {
            let cwnd = any.within(1..=1 << 24);
            (cwnd, any.below(200) as u32, any.u32(), any.u32(), any.u32())
        },
        |(cwnd, rounds, rest, w_est, cnt)| {
            let per_packet = cwnd.wrapping_mul(Params::beta_scale()) >> 3;
            // So many turns of the loop, and a rest.
            let ack_cnt = per_packet
                .wrapping_mul(rounds)
                .wrapping_add(rest % (per_packet + 1));
            if ack_cnt / per_packet > 1000 {
                return;
            }
            let ca = after_ack(cwnd, 0, 7, |ca| {
                // The curve was followed in this tick already.
                ca.epoch_start = Jiffies32::new(7);
                ca.last_time = Jiffies32::new(7);
                ca.last_cwnd = cwnd - 1;
                ca.ack_cnt = ack_cnt;
                ca.w_est = w_est;
                ca.cnt = cnt;
            });

            let (mut ack_cnt, mut w_est, mut cnt) = (ack_cnt, w_est, cnt);
            while ack_cnt > per_packet {
                ack_cnt -= per_packet;
                w_est = w_est.wrapping_add(1);
            }
            if w_est > cwnd {
                cnt = cnt.min(cwnd / (w_est - cwnd));
            }
            assert_eq!((ca.ack_cnt, ca.w_est, ca.cnt), (ack_cnt, w_est, cnt.max(2)));
        },
    );
}

/// Equation 1 of RFC 9438 in 128 bits, and the bounds around it.
#[test]
fn the_curve_gives_the_count() {
    check(
        |any| {
            let windows = (any.within(1..=1 << 20), any.within(0..=1 << 20));
            (
                windows,
                any.within(0..=100_000),
                any.within(0..=1_000_000),
                any.within(0..=100_000),
            )
        },
        |((cwnd, w_max), ticks, delay_min, k)| {
            let (start, now) = (12_345, 12_345 + ticks);
            let origin = cwnd.max(w_max);
            let ca = after_ack(cwnd, 1, now, |ca| {
                ca.epoch_start = Jiffies32::new(start);
                ca.last_time = Jiffies32::new(start) - Ticks::new(1000);
                ca.last_cwnd = cwnd;
                ca.w_max = w_max;
                ca.plateau = origin;
                ca.k = k;
                ca.delay_min = Usecs32::new(delay_min);
            });
            assert_eq!((ca.last_time.get(), ca.last_cwnd), (now, cwnd));
            assert_eq!((ca.epoch_start.get(), ca.k), (start, k));

            // In 2^-10 s, one RTT ahead.
            let ahead = i128::from(ticks) + i128::from(delay_min.div_ceil(1000));
            let t = ahead * 1024 / 1000 - i128::from(k);
            // The numbers are magnitudes in C: rounded towards zero.
            let distance = 410 * t.abs().pow(3) / (1 << 40);
            let curve = i128::from(origin) + t.signum() * distance;
            let fits = distance <= i128::from(u32::MAX) && curve >= 0;
            if !fits || curve > i128::from(u32::MAX) {
                return;
            }
            let cwnd = i128::from(cwnd);
            let mut cnt = if curve > cwnd {
                cwnd / (curve - cwnd)
            } else {
                100 * cwnd
            };
            if w_max == 0 {
                cnt = cnt.min(20);
            }
            assert_eq!(i128::from(ca.cnt), cnt.max(2));
        },
    );
}

/// As long as no loss has shown how much there is: at least 5 % in a round trip.
#[test]
fn without_a_loss_it_does_not_wait() {
    for ahead in 1..=400 {
        for (w_max, most) in [(0, 20), (1, u32::MAX)] {
            // On the plateau, which is that far ahead.
            let ca = after_ack(2100, 1, 2000, |ca| {
                ca.epoch_start = Jiffies32::new(1000);
                ca.k = 1024;
                ca.plateau = 2100 + ahead;
                ca.w_max = w_max;
            });
            assert_eq!(ca.cnt, (2100 / ahead).min(most));
        }
    }
}

#[test]
fn an_epoch_begins_after_a_loss() {
    check(
        |any| {
            let windows = (any.within(1..=1 << 24), any.within(0..=1 << 24));
            (windows, any.within(1..=u32::MAX), any.within(0..=1000))
        },
        |((cwnd, w_max), now, acked)| {
            let ca = after_ack(cwnd, acked, now, |ca| {
                ca.w_max = w_max;
                ca.last_cwnd = cwnd + 1;
                (ca.ack_cnt, ca.w_est) = (77, 77);
            });
            assert_eq!(ca.epoch_start.get(), now);
            assert_eq!(ca.plateau, cwnd.max(w_max));
            // K = cbrt((W_max - cwnd) / C), in 2^-10 s.
            let k = (f64::from(w_max.saturating_sub(cwnd)) / (41.0 / 1024.0 * 10.0)).cbrt();
            let error = (f64::from(ca.k) - k * 1024.0).abs();
            assert!(
                error <= 2.0 + k * 1024.0 / 500.0,
                "K is {}, not {}",
                ca.k,
                k * 1024.0
            );
            // Reno begins where CUBIC does, and what was acknowledged before is forgotten.
            let per_packet = cwnd.wrapping_mul(Params::beta_scale()) >> 3;
            let grown = acked.saturating_sub(1) / per_packet;
            assert_eq!(
                (ca.w_est, ca.ack_cnt),
                (cwnd + grown, acked - grown * per_packet)
            );
        },
    );
}

/// Any state: a socket in congestion avoidance, not limited by the clamp.
#[test]
fn an_ack_changes_nothing_more_in_the_same_tick() {
    check(
        |any| (any.within(1..=1 << 30), any.u32(), any.u32(), any.bytes()),
        |(cwnd, acked, now, bytes)| {
            let mut cubic = cubic(cwnd);
            cubic.jiffies = now.into();
            cubic.set_state_bytes(bytes);
            cubic.cong_avoid(0, acked.min(cwnd));
            let first = cubic.state();
            cubic.sk.snd_cwnd = cwnd;
            cubic.cong_avoid(0, 0);
            let second = cubic.state();
            let curve = |ca: &Cubic| {
                let times = (ca.last_time, ca.epoch_start);
                (ca.cnt, ca.last_cwnd, times, ca.plateau, ca.k)
            };
            assert_eq!(curve(&first), curve(&second));
            assert_eq!((first.ack_cnt, first.w_est), (second.ack_cnt, second.w_est));
        },
    );
}

#[test]
fn grows_by_half_the_window_in_a_round_trip_at_most() {
    check(
        |any| (any.within(1..=1 << 30), any.u32(), any.u32(), any.bytes()),
        |(cwnd, acked, now, bytes)| {
            let mut cubic = cubic(cwnd);
            cubic.jiffies = now.into();
            cubic.set_state_bytes(bytes);
            let ca = cubic.state_mut();
            // The count is computed anew.
            ca.last_cwnd = !cwnd;
            let acked = acked.min(cwnd);
            cubic.cong_avoid(0, acked);
            assert!(cubic.state().cnt >= 2);
            assert!(cubic.sk.snd_cwnd <= cwnd + acked.div_ceil(2));
        },
    );
}

/// C divides by 0 here: its own code never makes such a state.
#[test]
fn a_count_of_0_is_one_of_1() {
    let mut cubic = cubic(100);
    let now = Jiffies32::new(cubic.jiffies as u32);
    let ca = cubic.state_mut();
    (ca.cnt, ca.last_cwnd, ca.last_time) = (0, 100, now);
    cubic.cong_avoid(0, 1);
    assert!((100..=102).contains(&cubic.sk.snd_cwnd));
}

/// For a 32nd of a second the count stays, if the window does.
#[test]
fn the_count_is_kept_for_a_while() {
    for (hz, ticks) in [(1000, 31), (250, 7), (100, 3)] {
        for (passed, is_kept) in [(ticks, true), (ticks + 1, false)] {
            let mut cubic = cubic(100);
            cubic.hz = hz;
            cubic.jiffies = 5;
            let ca = cubic.state_mut();
            ca.cnt = 77;
            ca.last_cwnd = 100;
            ca.last_time = Jiffies32::new(5) - Ticks::new(passed);
            cubic.cong_avoid(0, 1);
            assert_eq!(
                cubic.state().cnt == 77,
                is_kept,
                "{passed} ticks at HZ={hz}"
            );
        }
    }
}

#[test]
fn the_shortest_rtt_is_kept() {
    check(
        |any| (any.list(10, |any| any.i32()), any.bool()),
        |(samples, is_after_recovery)| {
            let mut cubic = cubic(100);
            if is_after_recovery {
                // For a second RTTs say little.
                cubic.state_mut().epoch_start = Jiffies32::new(cubic.jiffies as u32);
                cubic.advance(999_000);
            }
            for &rtt_us in &samples {
                cubic.pkts_acked(RawAckSample {
                    pkts_acked: 1,
                    rtt_us,
                    in_flight: 1,
                });
            }
            let valid = samples.iter().filter(|&&rtt_us| rtt_us >= 0);
            let shortest = valid.map(|&rtt_us| rtt_us.max(1) as u32).min();
            let expected = if is_after_recovery { None } else { shortest };
            assert_eq!(cubic.state().delay_min.get(), expected.unwrap_or(0));
        },
    );
}

#[test]
fn derived_values_are_those_of_the_rfc() {
    // 8 (1 + beta) / (3 (1 - beta))
    let scale = 8.0 * (1.0 + BETA) / (3.0 * (1.0 - BETA));
    assert!((f64::from(Params::beta_scale()) - scale).abs() <= 1.0);
    assert_eq!((Params::beta_scale(), Params::cube_rtt_scale()), (15, 410));
    assert_eq!(Params::cube_factor(), (1 << 40) / 410);
}

/// RFC 9438, equations 1 and 2, in floating point: within a packet, and what the root is off by.
#[test]
fn the_cubic_function_is_that_of_the_rfc() {
    check(
        |any| {
            let (w_max, cwnd) = (any.within(1..=1_000_000), any.within(1..=1_000_000));
            (w_max.max(cwnd), w_max.min(cwnd), any.within(0..=340_000))
        },
        |(w_max, cwnd, t)| {
            let k = time_to_plateau(Params::cube_factor(), w_max - cwnd);
            let c = f64::from(Params::cube_rtt_scale()) / 1024.0;
            let exact_k = (f64::from(w_max - cwnd) / c).cbrt() * 1024.0;
            let error = (f64::from(k) - exact_k).abs();
            assert!(error <= 2.0 + exact_k / 500.0, "K is {k}, not {exact_k}");

            let seconds = (f64::from(t) - f64::from(k)) / 1024.0;
            let exact = f64::from(w_max) + c * seconds.powi(3);
            // Below 0 the curve wraps.
            if exact >= 0.0 {
                let window = w_cubic_in_packets(Params::cube_rtt_scale(), t.into(), k, w_max);
                let error = (f64::from(window) - exact).abs();
                assert!(error <= 1.0, "W({seconds} s) is {window}, not {exact}");
            }
        },
    );
}

/// RFC 9438, equation 4: `alpha` packets in a round trip.
#[test]
fn reno_grows_by_alpha() {
    const ALPHA: f64 = 3.0 * (1.0 - BETA) / (1.0 + BETA);
    for cwnd in [10_u32, 100, 1000, 1_000_000] {
        let per_packet = acked_per_packet(cwnd, Params::beta_scale());
        let growth = w_est_growth(100 * cwnd, per_packet);
        // `beta_scale` is 15.1, rounded down.
        let exact = 100.0 * ALPHA;
        let error = (f64::from(growth) - exact).abs();
        assert!(
            error <= 1.0 + exact * 0.03,
            "{growth} at {cwnd}, not {exact}"
        );
        // The last packet that is whole waits.
        assert_eq!(w_est_growth(per_packet, per_packet), 0);
        assert_eq!(w_est_growth(per_packet + 1, per_packet), 1);
    }
}
