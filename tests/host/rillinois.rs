// SPDX-License-Identifier: GPL-2.0-only

//! Illinois: its two curves, and connections with an empty and with a full queue.

use rillinois::{
    beta,
    Rillinois, //
};
use tcp_cc::{
    SeqNo,
    Usecs32,
    Wrapping32, //
};
use tcp_cc_host::{
    check,
    Connection, //
};

/// A connection whose round trip ends with the next ACK: it had this average delay, and the longest
/// delay ever was this.
fn measured(da: u32, dm: u32) -> Connection<Rillinois> {
    const BASE_RTT: u32 = 50_000;
    let mut illinois = Connection::<Rillinois>::new();
    illinois.sk.snd_cwnd = 100;
    illinois.sk.snd_ssthresh = 2;
    illinois.sk.max_packets_out = 100;
    let before = SeqNo::new(illinois.sk.snd_una.wrapping_sub(1));
    let state = illinois.state_mut();
    state.end_seq = before;
    state.base_rtt = Usecs32::new(BASE_RTT);
    state.max_rtt = Usecs32::new(BASE_RTT + dm);
    state.sum_rtt = (10 * (BASE_RTT + da)).into();
    state.cnt_rtt = 10;
    illinois
}

#[test]
fn the_curves_are_those_of_the_paper() {
    check(
        |any| {
            let dm = any.within(10_000..=1_000_000);
            (any.within(dm / 100 + 1..=dm), dm)
        },
        |(da, dm)| {
            let mut illinois = measured(da, dm);
            illinois.cong_avoid(illinois.sk.snd_una, 1);

            let (delay, longest) = (f64::from(da), f64::from(dm));
            let (most, least) = (10.0, 0.3);
            let past = longest - longest / 100.0;
            let k1 = past * least * most / (most - least);
            let k2 = past * least / (most - least) - longest / 100.0;
            let exact = k1 / (k2 + delay);
            let alpha = f64::from(illinois.state().alpha.get()) / 128.0;
            assert!(
                (alpha - exact).abs() < 0.02 * exact + 0.02,
                "{alpha}, not {exact}"
            );

            let exact = (1.0 / 8.0 + 3.0 / 8.0 * (delay / longest - 0.1) / 0.7).clamp(0.125, 0.5);
            let found = f64::from(beta(Wrapping32::new(da), Wrapping32::new(dm))) / 64.0;
            assert!((found - exact).abs() < 1.1 / 64.0, "{found}, not {exact}");
        },
    );
}

#[test]
fn without_a_queue_it_grows_by_ten_packets_and_a_loss_takes_an_eighth() {
    let mut illinois = measured(0, 40_000);
    illinois.round_trip(50_000);
    assert!(
        (108..=110).contains(&illinois.sk.snd_cwnd),
        "{}",
        illinois.sk.snd_cwnd
    );
    illinois.sk.snd_cwnd = 160;
    illinois.loss();
    assert_eq!(illinois.sk.snd_cwnd, 140);
}

#[test]
fn with_a_full_queue_a_loss_takes_a_half() {
    let mut illinois = measured(38_000, 40_000);
    illinois.cong_avoid(illinois.sk.snd_una, 1);
    illinois.loss();
    assert_eq!(illinois.sk.snd_cwnd, 50);
}

#[test]
fn a_small_window_is_that_of_reno() {
    let mut illinois = measured(0, 40_000);
    illinois.sk.snd_cwnd = 14;
    illinois.cong_avoid(illinois.sk.snd_una, 1);
    assert_eq!(illinois.state().alpha.get(), 128);
    illinois.loss();
    assert_eq!(illinois.sk.snd_cwnd, 7);
}

#[test]
fn fast_growth_comes_back_after_five_round_trips_without_a_queue() {
    let mut illinois = measured(30_000, 40_000);
    illinois.cong_avoid(illinois.sk.snd_una, 1);
    for round in 1..=5 {
        assert!(illinois.state().alpha.get() < 10 * 128, "in round {round}");
        let una = illinois.sk.snd_una;
        let state = illinois.state_mut();
        state.end_seq = SeqNo::new(una.wrapping_sub(1));
        state.sum_rtt = 50_000;
        state.cnt_rtt = 1;
        illinois.cong_avoid(una, 1);
    }
    assert_eq!(illinois.state().alpha.get(), 10 * 128);
}
