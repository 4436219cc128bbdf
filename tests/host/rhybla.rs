// SPDX-License-Identifier: GPL-2.0-only

//! Hybla: what a connection of 25 ms gets in a time, one of a longer RTT gets in the same.

use rhybla::Rhybla;
use tcp_cc_host::{
    check,
    Connection,
    RawSock, //
};

/// A connection of this RTT.
fn hybla(rtt: u32) -> Connection<Rhybla> {
    let mut hybla = Connection::before_init(RawSock {
        srtt_us: 8 * rtt,
        ..RawSock::default()
    });
    hybla.establish();
    hybla
}

#[test]
fn it_begins_with_as_many_packets_as_its_rtt_is_longer() {
    for (rtt, cwnd) in [(10_000, 1), (25_000, 1), (100_000, 4), (300_000, 12)] {
        assert_eq!(hybla(rtt).sk.snd_cwnd, cwnd);
    }
}

/// `rho^2` packets in a round trip, which are `rho` in 25 ms.
#[test]
fn congestion_avoidance_grows_by_the_square() {
    for (rtt, packets) in [(50_000, 4), (75_000, 9), (100_000, 16)] {
        let mut hybla = hybla(rtt);
        hybla.sk.snd_cwnd = 100;
        hybla.sk.snd_ssthresh = 2;
        hybla.round_trip(rtt);
        // The window that it is a part of grows meanwhile.
        let grown = hybla.sk.snd_cwnd - 100;
        assert!(
            (packets - packets / 8 - 1..=packets).contains(&grown),
            "{grown}, not {packets}"
        );
    }
}

/// `2^rho - 1` packets for each ACK. The fraction of `rho` is in eighths.
#[test]
fn slow_start_grows_by_the_power() {
    check(
        |any| any.within(25_000..=250_000),
        |rtt| {
            let mut hybla = hybla(rtt);
            hybla.sk.snd_cwnd = 10;
            hybla.sk.max_packets_out = 10;
            hybla.cong_avoid(0, 1);
            let rho = (f64::from(rtt) / 25_000.0 * 8.0).floor() / 8.0;
            let exact = rho.exp2() - 1.0;
            let state = hybla.state();
            let cents = f64::from(state.snd_cwnd_cents.get()) / 128.0;
            let grown = f64::from(hybla.sk.snd_cwnd - 10) + cents;
            assert!(
                (grown - exact).abs() < 0.01 * exact + 0.01,
                "{grown}, not {exact}"
            );
        },
    );
}

#[test]
fn a_shorter_rtt_makes_it_slower() {
    let mut hybla = hybla(100_000);
    assert_eq!(hybla.state().rho.get(), 4);
    hybla.sk.srtt_us = 8 * 50_000;
    hybla.cong_avoid(0, 1);
    assert_eq!(hybla.state().rho.get(), 2);
    // Then there is a queue, which does not count.
    hybla.sk.srtt_us = 8 * 80_000;
    hybla.cong_avoid(0, 1);
    assert_eq!(hybla.state().rho.get(), 2);
}

#[test]
fn the_window_has_a_bound() {
    assert_eq!(hybla(100_000).sk.snd_cwnd_clamp, 65_535);
}
