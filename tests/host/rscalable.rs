// SPDX-License-Identifier: GPL-2.0-only

//! Scalable: growth and loss are parts of the window, so the time that a loss costs is the same.

use rscalable::Rscalable;
use tcp_cc_host::Connection;

/// A connection in congestion avoidance.
fn scalable(snd_cwnd: u32) -> Connection<Rscalable> {
    let mut scalable = Connection::new();
    scalable.sk.snd_cwnd = snd_cwnd;
    scalable.sk.snd_ssthresh = 2;
    scalable
}

#[test]
fn a_loss_takes_an_eighth() {
    let mut scalable = scalable(800);
    scalable.loss();
    assert_eq!(scalable.sk.snd_cwnd, 700);
}

#[test]
fn a_large_window_grows_by_one_percent_and_a_small_one_by_a_packet() {
    for (before, after) in [(50, 51), (100, 101), (1000, 1010), (5000, 5050)] {
        let mut scalable = scalable(before);
        scalable.round_trip(100_000);
        assert_eq!(scalable.sk.snd_cwnd, after);
    }
}

/// `ln(8 / 7) / ln(1.01)` round trips.
#[test]
fn a_loss_is_made_up_for_in_as_many_round_trips_whatever_the_window() {
    for cwnd in [1_000, 2_000, 4_000] {
        let mut scalable = scalable(cwnd);
        scalable.loss();
        scalable.round_trips(13, 100_000);
        assert!(scalable.sk.snd_cwnd < cwnd);
        scalable.round_trip(100_000);
        assert!(scalable.sk.snd_cwnd >= cwnd);
    }
}
