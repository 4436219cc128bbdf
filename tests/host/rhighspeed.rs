// SPDX-License-Identifier: GPL-2.0-only

//! HighSpeed TCP: its table against the formulas of RFC 3649, and the smaller windows.

use rhighspeed::{
    row_of,
    Rhighspeed, //
};
use tcp_cc_host::Connection;

/// A connection in congestion avoidance.
fn highspeed(snd_cwnd: u32) -> Connection<Rhighspeed> {
    let mut highspeed = Connection::new();
    highspeed.sk.snd_cwnd = snd_cwnd;
    highspeed.sk.snd_ssthresh = 2;
    highspeed
}

/// `b(w)`, what a loss takes (RFC 3649, section 5).
fn b(w: f64) -> f64 {
    (0.1 - 0.5) * (w.ln() - 38_f64.ln()) / (83_000_f64.ln() - 38_f64.ln()) + 0.5
}

/// `a(w)`, the growth in a round trip.
fn a(w: f64) -> f64 {
    let p = 0.078 / w.powf(1.2);
    w * w * p * 2.0 * b(w) / (2.0 - b(w))
}

/// A row is that of its largest window.
#[test]
fn the_table_is_that_of_the_formulas() {
    let ends: Vec<u32> = (38..=84_035)
        .filter(|&cwnd| row_of(cwnd + 1) > row_of(cwnd))
        .collect();
    assert_eq!(ends.len(), 71);
    for cwnd in ends {
        let growth = f64::from(row_of(cwnd) + 1);
        let exact = a(f64::from(cwnd));
        assert!(
            (growth - exact).abs() < 0.1,
            "{growth}, not {exact}, at {cwnd}"
        );

        let mut highspeed = highspeed(cwnd);
        highspeed.state_mut().ai = row_of(cwnd);
        let taken = f64::from(cwnd - highspeed.ssthresh()) / f64::from(cwnd);
        let exact = b(f64::from(cwnd));
        assert!(
            (taken - exact).abs() < 0.01,
            "{taken}, not {exact}, at {cwnd}"
        );
    }
}

#[test]
fn a_round_trip_adds_as_many_packets_as_the_row_says() {
    for (before, most) in [(38, 1), (1_000, 8), (10_000, 30)] {
        let mut highspeed = highspeed(before);
        highspeed.round_trip(100_000);
        // The window that the ACKs are counted for grows too.
        let added = highspeed.sk.snd_cwnd - before;
        assert!((most - 1..=most).contains(&added), "{added}");
    }
}

#[test]
fn a_small_window_is_that_of_reno() {
    let mut highspeed = highspeed(20);
    highspeed.round_trips(10, 100_000);
    assert_eq!(highspeed.sk.snd_cwnd, 30);
    highspeed.loss();
    assert_eq!(highspeed.sk.snd_cwnd, 15);
}

#[test]
fn the_window_has_a_bound() {
    assert_eq!(highspeed(10).sk.snd_cwnd_clamp, u32::MAX / 128);
}
