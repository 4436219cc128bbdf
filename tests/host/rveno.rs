// SPDX-License-Identifier: GPL-2.0-only

//! Veno: a loss without a queue is one of the link.

use rveno::Rveno;
use tcp_cc_host::Connection;

/// A connection in congestion avoidance, over a path whose RTT without a queue is 100 ms. It has
/// had RTTs of this.
fn veno(snd_cwnd: u32, rtt: u32) -> Connection<Rveno> {
    let mut veno = Connection::<Rveno>::new();
    veno.round_trip(100_000);
    veno.sk.snd_cwnd = snd_cwnd;
    veno.sk.snd_ssthresh = 2;
    veno.round_trip(rtt);
    veno.sk.snd_cwnd = snd_cwnd;
    veno.sk.snd_cwnd_cnt = 0;
    veno
}

#[test]
fn a_loss_without_a_queue_takes_a_fifth() {
    let mut veno = veno(100, 100_000);
    veno.loss();
    assert_eq!(veno.sk.snd_cwnd, 80);
}

/// They are counted in halves, rounded up: with an RTT of 102.6 ms, 2.5 of 100 packets are there.
#[test]
fn from_three_packets_in_the_queue_on_a_loss_takes_a_half() {
    for (rtt, left) in [(102_400, 80), (102_800, 50), (150_000, 50)] {
        let mut veno = veno(100, rtt);
        veno.loss();
        assert_eq!(veno.sk.snd_cwnd, left);
    }
}

#[test]
fn with_a_queue_the_window_grows_half_as_fast() {
    let mut veno = veno(100, 100_000);
    veno.round_trips(10, 100_000);
    assert_eq!(veno.sk.snd_cwnd, 110);

    let mut veno = self::veno(100, 120_000);
    veno.round_trips(10, 120_000);
    assert!(
        (104..=106).contains(&veno.sk.snd_cwnd),
        "{}",
        veno.sk.snd_cwnd
    );
}
