// SPDX-License-Identifier: GPL-2.0-only

//! Westwood+: the filter, and what a loss leaves on a path whose rate is known.

use rwestwood::{
    low_pass,
    Rwestwood, //
};
use tcp_cc::Wrapping32;
use tcp_cc_host::{
    check,
    Connection, //
};

/// A connection that has been filling a path for long: without a queue the path holds 100 packets,
/// and 100 ms.
fn westwood(snd_cwnd: u32) -> Connection<Rwestwood> {
    let mut westwood = Connection::<Rwestwood>::new();
    westwood.round_trips(3, 100_000);
    westwood.sk.snd_ssthresh = 2;
    for _ in 0..60 {
        westwood.sk.snd_cwnd = snd_cwnd;
        westwood.round_trip(100_000 * snd_cwnd.max(100) / 100);
    }
    westwood.sk.snd_cwnd = snd_cwnd;
    westwood
}

#[test]
fn a_new_sample_weighs_an_eighth() {
    check(
        |any| (any.within(0..=1 << 28), any.within(0..=1 << 28)),
        |(old, new)| {
            let exact = 7.0 / 8.0 * f64::from(old) + f64::from(new) / 8.0;
            let found = low_pass(Wrapping32::new(old), Wrapping32::new(new)).get();
            assert_eq!(f64::from(found), exact.floor());
        },
    );
}

#[test]
fn a_loss_of_the_link_takes_next_to_nothing() {
    let mut westwood = westwood(100);
    westwood.loss();
    assert!(
        (95..=100).contains(&westwood.sk.snd_cwnd),
        "{}",
        westwood.sk.snd_cwnd
    );
}

#[test]
fn a_loss_of_a_full_queue_takes_the_queue() {
    let mut westwood = westwood(180);
    westwood.loss();
    assert!(
        (92..=104).contains(&westwood.sk.snd_cwnd),
        "{}",
        westwood.sk.snd_cwnd
    );
}

#[test]
fn after_a_timeout_the_threshold_is_what_the_path_holds() {
    let mut westwood = westwood(100);
    westwood.timeout();
    assert_eq!(westwood.sk.snd_cwnd, 1);
    assert!(
        (95..=100).contains(&westwood.sk.snd_ssthresh),
        "{}",
        westwood.sk.snd_ssthresh
    );
}
