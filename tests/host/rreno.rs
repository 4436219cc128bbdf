// SPDX-License-Identifier: GPL-2.0-only

//! Reno.

use rreno::Rreno;
use tcp_cc_host::{
    check,
    Connection, //
};

/// A round trip time in microseconds.
const RTT: u32 = 100_000;

/// A connection with this window and slow start threshold.
fn reno(snd_cwnd: u32, snd_ssthresh: u32) -> Connection<Rreno> {
    let mut reno = Connection::new();
    reno.sk.snd_cwnd = snd_cwnd;
    reno.sk.snd_ssthresh = snd_ssthresh;
    reno
}

#[test]
fn doubles_then_adds_one_then_halves() {
    let mut reno = reno(10, 40);
    let mut windows = Vec::new();
    for _ in 0..5 {
        reno.round_trip(RTT);
        windows.push(reno.sk.snd_cwnd);
    }
    assert_eq!(windows, [20, 40, 41, 42, 43]);

    reno.loss();
    assert_eq!(reno.sk.snd_cwnd, 21);
    reno.undo();
    assert_eq!(reno.sk.snd_cwnd, 43);
}

#[test]
fn starts_again_from_one_after_a_timeout() {
    let mut reno = reno(40, 40);
    reno.timeout();
    assert_eq!((reno.sk.snd_cwnd, reno.sk.snd_ssthresh), (1, 20));
    reno.leave();
    reno.round_trips(4, RTT);
    assert_eq!(reno.sk.snd_cwnd, 16);
    reno.round_trips(2, RTT);
    assert_eq!(reno.sk.snd_cwnd, 21);
}

/// Every window takes as many ACKs as it has packets.
#[test]
fn the_window_after_so_many_acks_is_known() {
    check(
        |any| (any.within(2..=100), any.within(0..=500)),
        |(start, acks)| {
            let mut reno = reno(start, 2);
            let start = f64::from(start);
            for _ in 0..acks {
                reno.cong_avoid(0, 1);
            }
            // The largest k with start + (start + 1) + ... + (start + k - 1) <= acks.
            let b = 2.0 * start - 1.0;
            let k = ((b * b + 8.0 * f64::from(acks)).sqrt() - b) / 2.0;
            assert_eq!(f64::from(reno.sk.snd_cwnd), start + k.floor());
        },
    );
}

/// However many packets each ACK acknowledges.
#[test]
fn a_windows_worth_of_acks_adds_one() {
    check(
        |any| (any.within(2..=100_000), any.list(20, |any| any.u32())),
        |(cwnd, acks)| {
            let mut reno = reno(cwnd, 2);
            let mut left = cwnd;
            for acked in acks {
                let acked = acked.min(left - 1);
                reno.cong_avoid(0, acked);
                left -= acked;
                assert_eq!(reno.sk.snd_cwnd, cwnd);
            }
            reno.cong_avoid(0, left);
            assert_eq!((reno.sk.snd_cwnd, reno.sk.snd_cwnd_cnt), (cwnd + 1, 0));
        },
    );
}

#[test]
fn slow_start_ends_at_the_threshold() {
    check(
        |any| {
            (
                any.within(1..=1 << 20),
                any.within(0..=1 << 20),
                any.within(0..=1 << 20),
            )
        },
        |(cwnd, acked, ssthresh)| {
            let mut reno = reno(cwnd, ssthresh);
            reno.cong_avoid(0, acked);
            // What slow start does not need is left for congestion avoidance.
            let grown = acked.min(ssthresh.saturating_sub(cwnd));
            let (cwnd, left) = (cwnd + grown, acked - grown);
            assert_eq!(reno.sk.snd_cwnd, cwnd + left / cwnd);
            assert_eq!(reno.sk.snd_cwnd_cnt, left % cwnd);
        },
    );
}

#[test]
fn the_window_stays_if_it_does_not_limit() {
    check(
        |any| {
            (
                any.within(1..=1000),
                any.within(0..=2000),
                any.within(0..=2000),
            )
        },
        |(cwnd, ssthresh, max_packets_out)| {
            let mut reno = reno(cwnd, ssthresh);
            reno.sk.is_cwnd_limited = false;
            reno.sk.max_packets_out = max_packets_out;
            reno.cong_avoid(0, 1);
            // In slow start it may be twice of what was used.
            let grows = cwnd < ssthresh && cwnd < 2 * max_packets_out;
            assert_eq!(reno.sk.snd_cwnd, if grows { cwnd + 1 } else { cwnd });
            assert_eq!(reno.sk.snd_cwnd_cnt, 0);
        },
    );
}

#[test]
fn half_is_left_after_a_loss_and_all_of_it_after_an_undo() {
    check(
        |any| {
            (
                any.within(1..=i32::MAX as u32),
                any.within(0..=i32::MAX as u32),
            )
        },
        |(cwnd, prior_cwnd)| {
            let mut reno = reno(cwnd, 2);
            reno.sk.prior_cwnd = prior_cwnd;
            assert_eq!(reno.ssthresh(), (cwnd / 2).max(2));
            assert_eq!(reno.undo_cwnd(), cwnd.max(prior_cwnd));
        },
    );
}

#[test]
fn the_clamp_holds() {
    let mut reno = reno(10, 1000);
    reno.sk.snd_cwnd_clamp = 30;
    reno.round_trips(4, RTT);
    assert_eq!(reno.sk.snd_cwnd, 30);
}
