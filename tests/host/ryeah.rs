// SPDX-License-Identifier: GPL-2.0-only

//! YeAH: fast without a queue, Reno beside one, and what a loss takes.

use ryeah::Ryeah;
use tcp_cc_host::Connection;

/// Round trips over a path that holds this many packets in 100 ms.
fn round_trips(yeah: &mut Connection<Ryeah>, count: u32, holds: u32) {
    for _ in 0..count {
        let rtt = u64::from(yeah.sk.snd_cwnd.max(holds)) * 100_000 / u64::from(holds);
        yeah.round_trip(rtt as u32);
    }
}

/// A connection in congestion avoidance.
fn yeah(snd_cwnd: u32) -> Connection<Ryeah> {
    let mut yeah = Connection::<Ryeah>::new();
    yeah.sk.snd_cwnd = snd_cwnd;
    yeah.sk.snd_ssthresh = 2;
    yeah
}

#[test]
fn without_a_queue_it_grows_by_one_percent() {
    let mut yeah = yeah(1_000);
    round_trips(&mut yeah, 10, 10_000);
    assert!(
        (1_095..=1_105).contains(&yeah.sk.snd_cwnd),
        "{}",
        yeah.sk.snd_cwnd
    );
    assert_eq!(yeah.state().doing_reno_now, 0);
}

#[test]
fn the_queue_does_not_grow_long() {
    let mut yeah = yeah(900);
    round_trips(&mut yeah, 100, 1_000);
    let mut most = 0;
    for _ in 0..100 {
        round_trips(&mut yeah, 1, 1_000);
        most = most.max(yeah.sk.snd_cwnd);
    }
    assert!((1_020..=1_120).contains(&most), "{most}");
}

#[test]
fn a_loss_takes_what_queues() {
    for (last_q, left) in [(0, 875), (200, 800), (700, 500)] {
        let mut yeah = yeah(1_000);
        yeah.state_mut().last_q = last_q;
        yeah.loss();
        assert_eq!(yeah.sk.snd_cwnd, left);
    }
}

#[test]
fn beside_others_it_takes_a_half() {
    let mut yeah = yeah(1_000);
    yeah.state_mut().doing_reno_now = 16;
    yeah.loss();
    assert_eq!(yeah.sk.snd_cwnd, 500);
}
