// SPDX-License-Identifier: GPL-2.0-only

//! H-TCP: growth by the time since the last loss, and what a loss leaves.

use rhtcp::Rhtcp;
use tcp_cc::Wrapping32;
use tcp_cc_host::{
    check,
    Connection, //
};

/// A connection of an RTT of 100 ms, which scales nothing; with a queue it is so long.
fn htcp(snd_cwnd: u32, max_rtt: u32) -> Connection<Rhtcp> {
    let mut htcp = Connection::<Rhtcp>::new();
    htcp.sk.snd_cwnd = snd_cwnd;
    htcp.sk.snd_ssthresh = 2;
    let state = htcp.state_mut();
    state.min_rtt = Wrapping32::new(100);
    state.max_rtt = Wrapping32::new(max_rtt);
    htcp
}

#[test]
fn growth_is_that_of_the_paper() {
    check(
        |any| any.within(0..=100_000),
        |msecs| {
            let mut htcp = htcp(100, 100);
            htcp.advance(u64::from(msecs) * 1_000);
            htcp.ssthresh();
            let t = f64::from(msecs) / 1_000.0 - 1.0;
            let exact = if t <= 0.0 {
                1.0
            } else {
                1.0 + 10.0 * t + (t / 2.0).powi(2)
            };
            let alpha = f64::from(htcp.state().alpha.get()) / 128.0;
            assert!(
                alpha <= exact && exact - alpha < 1.1,
                "{alpha}, not {exact}"
            );
        },
    );
}

#[test]
fn a_loss_empties_the_queue() {
    let mut htcp = htcp(1_000, 150);
    // The first loss cannot know that the path is the same as before.
    htcp.loss();
    assert_eq!(htcp.sk.snd_cwnd, 500);
    htcp.sk.snd_cwnd = 1_000;
    htcp.state_mut().max_rtt = Wrapping32::new(150);
    htcp.loss();
    assert!(
        (660..=667).contains(&htcp.sk.snd_cwnd),
        "{}",
        htcp.sk.snd_cwnd
    );
}

#[test]
fn a_loss_leaves_between_a_half_and_four_fifths() {
    for (max_rtt, left) in [(101, 796), (1_000, 500)] {
        let mut htcp = htcp(1_000, max_rtt);
        htcp.state_mut().modeswitch = 1;
        htcp.loss();
        assert_eq!(htcp.sk.snd_cwnd, left);
    }
}

#[test]
fn another_throughput_is_another_path() {
    for (max_b, left) in [(1_000, 664), (1_190, 664), (1_300, 500), (700, 500)] {
        let mut htcp = htcp(1_000, 150);
        let state = htcp.state_mut();
        state.modeswitch = 1;
        state.old_max_b = Wrapping32::new(1_000);
        state.max_b = Wrapping32::new(max_b);
        htcp.loss();
        assert_eq!(htcp.sk.snd_cwnd, left, "{max_b}");
    }
}

#[test]
fn long_after_a_loss_it_grows_faster_than_reno() {
    let mut htcp = htcp(100, 100);
    htcp.round_trips(9, 100_000);
    assert!(
        (108..=110).contains(&htcp.sk.snd_cwnd),
        "{}",
        htcp.sk.snd_cwnd
    );
    htcp.round_trips(10, 100_000);
    assert!(htcp.sk.snd_cwnd > 140, "{}", htcp.sk.snd_cwnd);
}
