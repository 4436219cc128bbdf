// SPDX-License-Identifier: GPL-2.0-only

//! TCP-LP: the delay on the way there makes it give way.

use rlp::Rlp;
use tcp_cc::Wrapping32;
use tcp_cc_host::{
    Connection,
    RawAckSample, //
};

/// An RTT, in milliseconds.
const RTT: u32 = 100;

/// A connection in congestion avoidance, which has seen delays of 100 to 200 ticks.
fn lp() -> Connection<Rlp> {
    let mut lp = Connection::<Rlp>::new();
    lp.sk.snd_cwnd = 40;
    lp.sk.snd_ssthresh = 2;
    lp.sk.max_packets_out = 40;
    lp.advance(10_000_000);
    let state = lp.state_mut();
    state.owd_min = Wrapping32::new(100);
    state.owd_max = Wrapping32::new(200);
    lp
}

/// An ACK comes, an RTT after its packet. It has no RTT sample, so that the smoothed delay is this.
fn ack(lp: &mut Connection<Rlp>, delay: u32) {
    lp.state_mut().sowd = Wrapping32::new(delay) << 3;
    lp.sk.rcv_tsecr = (lp.sk.tcp_mstamp / 1_000) as u32 - RTT;
    lp.pkts_acked(RawAckSample {
        pkts_acked: 1,
        rtt_us: -1,
        in_flight: 0,
    });
}

#[test]
fn from_15_percent_of_the_way_on_the_window_is_halved() {
    for (delay, cwnd) in [(100, 40), (114, 40), (115, 20), (200, 20)] {
        let mut lp = lp();
        ack(&mut lp, delay);
        assert_eq!(lp.sk.snd_cwnd, cwnd);
    }
}

#[test]
fn a_second_sign_within_three_rtts_leaves_one_packet() {
    for (msecs, cwnd) in [(299, 1), (301, 10)] {
        let mut lp = lp();
        ack(&mut lp, 115);
        lp.advance(msecs * 1_000);
        ack(&mut lp, 150);
        assert_eq!(lp.sk.snd_cwnd, cwnd);
    }
}

#[test]
fn for_three_rtts_it_does_not_grow() {
    for (msecs, grown) in [(299, 0), (301, 20)] {
        let mut lp = lp();
        ack(&mut lp, 115);
        lp.advance(msecs * 1_000);
        ack(&mut lp, 115);
        for _ in 0..20 {
            lp.cong_avoid(0, 1);
        }
        assert_eq!(lp.sk.snd_cwnd_cnt + 20 * (lp.sk.snd_cwnd - 20), grown);
    }
}

/// The delay from the timestamps of ACKs that come every 10 ms, of a receiver whose clock has as
/// many ticks as ours, and is ahead.
#[test]
fn the_delay_is_the_difference_of_the_timestamps() {
    const AHEAD: u32 = 1_000_000;
    let mut lp = Connection::<Rlp>::new();
    lp.advance(10_000_000);
    for _ in 0..20 {
        lp.advance(10_000);
        let sent = (lp.sk.tcp_mstamp / 1_000) as u32 - RTT;
        lp.sk.rcv_tsecr = sent;
        lp.sk.rcv_tsval = AHEAD + sent + 30;
        lp.pkts_acked(RawAckSample {
            pkts_acked: 1,
            rtt_us: (1_000 * RTT) as i32,
            in_flight: 0,
        });
    }
    let state = lp.state();
    assert_eq!(state.remote_hz, 1_000);
    assert_eq!(state.owd_min.get(), AHEAD + 30);
    assert_eq!((state.sowd >> 3).get(), AHEAD + 30);
}
