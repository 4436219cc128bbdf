// SPDX-License-Identifier: GPL-2.0-only

//! Vegas: the packets in the queue decide, and a path that is computed has a few of them.

use rvegas::Rvegas;
use tcp_cc::{
    SeqNo,
    Usecs32, //
};
use tcp_cc_host::{
    check,
    Connection, //
};

/// A connection whose round trip, of which the RTTs are known, ends with the next ACK.
fn measured(snd_cwnd: u32, base_rtt: u32, rtt: u32) -> Connection<Rvegas> {
    let mut vegas = Connection::<Rvegas>::new();
    vegas.sk.snd_cwnd = snd_cwnd;
    vegas.sk.max_packets_out = snd_cwnd;
    let before = SeqNo::new(vegas.sk.snd_una.wrapping_sub(1));
    let state = vegas.state_mut();
    state.beg_snd_nxt = before;
    state.cnt_rtt = 3;
    state.base_rtt = Usecs32::new(base_rtt);
    state.min_rtt = Usecs32::new(rtt);
    vegas
}

#[test]
fn two_to_four_packets_in_the_queue_are_right() {
    check(
        |any| {
            let base_rtt = any.within(1_000..=200_000);
            (
                any.within(4..=1_000),
                base_rtt,
                base_rtt + any.within(0..=base_rtt),
            )
        },
        |(cwnd, base_rtt, rtt)| {
            let mut vegas = measured(cwnd, base_rtt, rtt);
            vegas.sk.snd_ssthresh = 2;
            vegas.cong_avoid(vegas.sk.snd_una, 1);
            let queue = f64::from(cwnd) * f64::from(rtt - base_rtt) / f64::from(base_rtt);
            let expected = match queue.floor() {
                queue if queue < 2.0 => cwnd + 1,
                queue if queue <= 4.0 => cwnd,
                _ => cwnd - 1,
            };
            assert_eq!(vegas.sk.snd_cwnd, expected, "{queue} packets in the queue");
        },
    );
}

#[test]
fn slow_start_ends_with_what_fits_without_a_queue() {
    let mut vegas = measured(100, 100_000, 125_000);
    vegas.cong_avoid(vegas.sk.snd_una, 1);
    assert_eq!(vegas.sk.snd_cwnd, 81);
    assert!(vegas.sk.snd_ssthresh <= 81);

    // A queue of one packet is none.
    let mut vegas = measured(100, 100_000, 101_000);
    vegas.cong_avoid(vegas.sk.snd_una, 1);
    assert_eq!(vegas.sk.snd_cwnd, 101);
}

#[test]
fn a_path_that_holds_50_packets_has_a_few_more() {
    let mut vegas = Connection::<Rvegas>::new();
    for _ in 0..200 {
        vegas.round_trip(100_000 * vegas.sk.snd_cwnd.max(50) / 50);
    }
    assert!(
        (52..=55).contains(&vegas.sk.snd_cwnd),
        "{}",
        vegas.sk.snd_cwnd
    );
}

#[test]
fn it_is_reno_while_a_loss_is_repaired() {
    let mut vegas = measured(20, 100_000, 200_000);
    vegas.sk.snd_ssthresh = 2;
    vegas.enter_recovery();
    assert_eq!(vegas.sk.snd_ssthresh, 10);
    assert_eq!(vegas.state().doing_vegas_now, 0);
    vegas.leave();
    assert_eq!(vegas.state().doing_vegas_now, 1);
}
