// SPDX-License-Identifier: GPL-2.0-only

//! NV: the window of a path whose rate is known, and what losses and timeouts do.

use rnv::Rnv;
use tcp_cc::CaState;
use tcp_cc_backend::seed_random;
use tcp_cc_host::{
    Connection,
    RawAckSample, //
};

/// A connection over a path that holds 100 packets in 10 ms, after so many round trips.
fn nv(round_trips: u32) -> Connection<Rnv> {
    seed_random(1);
    let mut nv = Connection::<Rnv>::new();
    for _ in 0..round_trips {
        nv.round_trip(10_000 * nv.sk.snd_cwnd.max(100) / 100);
    }
    nv
}

#[test]
fn the_window_is_what_the_path_holds_and_the_padding() {
    let mut nv = nv(100);
    for _ in 0..100 {
        assert!((100..=125).contains(&nv.sk.snd_cwnd), "{}", nv.sk.snd_cwnd);
        nv.round_trip(10_000 * nv.sk.snd_cwnd.max(100) / 100);
    }
}

#[test]
fn the_first_queue_ends_slow_start() {
    let nv = nv(30);
    assert!(nv.sk.snd_ssthresh < 125, "{}", nv.sk.snd_ssthresh);
}

#[test]
fn a_loss_leaves_four_fifths() {
    let mut nv = nv(0);
    nv.sk.snd_cwnd = 1_000;
    nv.loss();
    assert_eq!(nv.sk.snd_cwnd, 799);
    assert!(!nv.state().flags.allow_cwnd_growth());
}

#[test]
fn each_timeout_halves_the_growth() {
    let mut nv = nv(0);
    for timeouts in 1..=10 {
        nv.set_ca_state(CaState::LOSS);
        nv.set_ca_state(CaState::OPEN);
        assert_eq!(nv.state().cwnd_growth_factor, -timeouts.min(8));
    }
}

#[test]
fn the_shortest_rtt_is_forgotten_after_about_five_seconds() {
    let mut nv = nv(0);
    for seed in 0..100 {
        seed_random(seed);
        nv.advance(10_000_000);
        nv.pkts_acked(RawAckSample {
            pkts_acked: 1,
            rtt_us: 10_000,
            in_flight: 10_000,
        });
        let ticks = nv.state().min_rtt_reset_jiffies.get() - nv.jiffies;
        assert!((3_750..=6_250).contains(&ticks), "{ticks}");
    }
}
