// SPDX-License-Identifier: GPL-2.0-only

//! DCTCP.

use rdctcp::{
    with_marks,
    without_marks,
    Params,
    Rdctcp, //
};
use rreno::Rreno;
use tcp_cc::{
    CaState,
    CongestionControl,
    CwndEvent,
    DctcpInfo,
    Info,
    Packets,
    ParamAccess,
    SeqNo, //
};
use tcp_cc_host::{
    check,
    Connection,
    RawSock, //
};

/// A round trip time in microseconds.
const RTT: u32 = 100;

/// `TCP_ECN_MODE_RFC3168`, `TCP_ECN_MODE_ACCECN`
const ECN_MODES: [u8; 2] = [1 << 0, 1 << 4];

/// `TCP_ECN_DEMAND_CWR`
const DEMAND_CWR: u8 = 1 << 2;

/// `ICSK_ACK_TIMER`, `ICSK_ACK_NOW`
const ACK_TIMER: u8 = 2;
const ACK_NOW: u8 = 16;

/// `TCP_CLOSE`, `TCP_LISTEN`
const UNCONNECTED: [u8; 2] = [7, 10];

/// A connection whose ends have agreed on what `ecn_flags` say.
fn established<A: CongestionControl>(ecn_flags: u8) -> Connection<A> {
    let mut connection = Connection::before_init(RawSock {
        ecn_flags,
        ..RawSock::default()
    });
    connection.establish();
    connection
}

/// A connection with ECN, in congestion avoidance. The application is the limit: the window stays.
fn dctcp(snd_cwnd: u32) -> Connection<Rdctcp> {
    let mut dctcp = established(ECN_MODES[0]);
    dctcp.sk.snd_cwnd = snd_cwnd;
    dctcp.sk.snd_ssthresh = 2;
    dctcp.sk.is_cwnd_limited = false;
    dctcp
}

/// A round trip in which the first `marked` packets come with a mark.
fn round_trip(dctcp: &mut Connection<Rdctcp>, marked: u32) {
    dctcp.send();
    for packet in 0..dctcp.sk.packets_out {
        dctcp.sk.delivered_ce += u32::from(packet < marked);
        dctcp.ack(1, RTT);
        dctcp.send();
    }
}

/// Alpha after a round trip.
fn next_alpha(alpha: u32, shift_g: u32, delivered_ce: u32, delivered: u32) -> u32 {
    let alpha = without_marks(alpha, shift_g);
    if delivered_ce == 0 {
        alpha
    } else {
        with_marks(alpha, shift_g, delivered_ce, delivered)
    }
}

#[test]
fn alpha_follows_rfc_8257() {
    check(
        |any| {
            let delivered = any.within(1..=1 << 20);
            (
                any.within(0..=1024),
                any.within(0..=10),
                any.within(0..=delivered),
                delivered,
            )
        },
        |(alpha, shift_g, delivered_ce, delivered)| {
            let next = next_alpha(alpha, shift_g, delivered_ce, delivered);
            let g = 0.5_f64.powi(shift_g as i32);
            let m = f64::from(delivered_ce) / f64::from(delivered);
            // What is too little for a part of it to go, goes as a whole.
            let kept = if alpha >> shift_g == 0 {
                0.0
            } else {
                f64::from(alpha) * (1.0 - g)
            };
            let exact = kept + g * m * 1024.0;
            assert!(
                (f64::from(next) - exact).abs() <= 1.0,
                "{next}, not {exact}"
            );
        },
    );
}

/// In any state, with any counters: it does not grow beyond 1.
#[test]
fn alpha_stays_below_one() {
    check(
        |any| {
            (
                any.u32(),
                any.within(0..=10),
                any.u32(),
                any.of(&[0, 1, u32::MAX]),
            )
        },
        |(alpha, shift_g, delivered_ce, delivered)| {
            let next = next_alpha(alpha, shift_g, delivered_ce, delivered);
            assert!(next <= alpha.max(1024));
        },
    );
}

#[test]
fn alpha_approaches_the_part_that_is_marked() {
    for (marked, from, to) in [
        (0, 0, 0),
        (8, 112, 144),
        (32, 496, 528),
        (64, 1024, 1024), //
    ] {
        let mut dctcp = dctcp(64);
        for _ in 0..100 {
            round_trip(&mut dctcp, marked);
        }
        let alpha = dctcp.state().dctcp_alpha;
        assert!(
            (from..=to).contains(&alpha),
            "{marked} of 64 marked: {alpha}"
        );
    }
}

/// Between two round trips it stays, whatever is marked.
#[test]
fn alpha_changes_once_in_a_round_trip() {
    let mut dctcp = dctcp(10);
    let mut alphas = vec![dctcp.state().dctcp_alpha];
    for _ in 0..40 {
        dctcp.send();
        dctcp.ack(1, RTT);
        alphas.push(dctcp.state().dctcp_alpha);
    }
    alphas.dedup();
    // The first ACK ends a round trip in which nothing was sent; and a packet that an ACK lets out
    // comes nine ACKs later.
    assert_eq!(alphas, [1024, 960, 900, 844, 792, 743]);
}

#[test]
fn marks_take_half_of_alpha() {
    check(
        |any| (any.within(2..=1 << 21), any.within(0..=1024)),
        |(cwnd, alpha)| {
            let mut dctcp = dctcp(cwnd);
            dctcp.state_mut().dctcp_alpha = alpha;
            let exact = f64::from(cwnd) * (1.0 - f64::from(alpha) / 2048.0);
            let ssthresh = dctcp.ssthresh();
            assert!((f64::from(ssthresh) - exact).abs() <= 1.0);
            assert_eq!(dctcp.state().loss_cwnd, Packets::new(cwnd));
        },
    );
}

/// With a state that somebody else wrote.
#[test]
fn a_window_is_never_out_of_bounds() {
    check(
        |any| (any.within(1..=i32::MAX as u32), any.bytes()),
        |(cwnd, bytes)| {
            let mut dctcp = dctcp(cwnd);
            dctcp.set_state_bytes(bytes);
            let loss_cwnd = dctcp.state().loss_cwnd.get();
            let undone = dctcp.undo_cwnd();
            assert_eq!(
                undone,
                if loss_cwnd > i32::MAX as u32 {
                    cwnd
                } else {
                    cwnd.max(loss_cwnd)
                }
            );
            assert!((2..=cwnd.max(2)).contains(&dctcp.ssthresh()));
        },
    );
}

#[test]
fn few_marks_take_little() {
    let mut dctcp = dctcp(100);
    for _ in 0..200 {
        round_trip(&mut dctcp, 2);
    }
    dctcp.ecn_mark();
    assert!((97..100).contains(&dctcp.sk.snd_cwnd));
}

#[test]
fn a_loss_takes_half_whatever_was_marked() {
    for state in [CaState::RECOVERY, CaState::LOSS] {
        let mut dctcp = dctcp(100);
        dctcp.state_mut().dctcp_alpha = 0;
        match state {
            CaState::LOSS => dctcp.timeout(),
            _ => dctcp.enter_recovery(),
        }
        assert_eq!(dctcp.sk.snd_ssthresh, 50);
        assert_eq!(dctcp.state().loss_cwnd, Packets::new(100));
        // A second one in the same recovery does not.
        dctcp.sk.snd_cwnd = 60;
        dctcp.set_ca_state(state);
        assert_eq!(dctcp.sk.snd_ssthresh, 50);
        assert_eq!(dctcp.undo_cwnd(), 100);
    }
}

/// What the other end is told, packet by packet (RFC 8257, section 3.2): a model of it.
#[test]
fn every_change_of_marks_is_echoed_at_once() {
    check(
        |any| any.list(30, |any| (any.bool(), any.bool(), any.within(1..=3000))),
        |packets| {
            let mut dctcp = dctcp(10);
            let (mut was_marked, mut prior_rcv_nxt) = (false, 0);
            for (is_marked, is_ack_delayed, bytes) in packets {
                let before = dctcp.sk;
                dctcp.sk.ack_pending = if is_ack_delayed { ACK_TIMER } else { 0 };
                dctcp.cwnd_event(if is_marked {
                    CwndEvent::ECN_IS_CE
                } else {
                    CwndEvent::ECN_NO_CE
                });
                let changes = is_marked != was_marked;
                // What came before this packet is acknowledged apart from it, as what it was.
                let sent = if changes && is_ack_delayed {
                    (before.acks_sent.0 + 1, prior_rcv_nxt, was_marked)
                } else {
                    before.acks_sent
                };
                assert_eq!(dctcp.sk.acks_sent, sent);
                assert_eq!(dctcp.sk.ack_pending & ACK_NOW != 0, changes);
                assert_eq!(dctcp.sk.ecn_flags & DEMAND_CWR != 0, is_marked);
                assert_eq!(dctcp.sk.ecn_flags & !DEMAND_CWR, ECN_MODES[0]);
                assert_eq!(dctcp.state().ce_state, u32::from(is_marked));
                was_marked = is_marked;
                // The event comes before the packet counts as received.
                prior_rcv_nxt = before.rcv_nxt;
                assert_eq!(dctcp.state().prior_rcv_nxt, SeqNo::new(prior_rcv_nxt));
                dctcp.sk.rcv_nxt = before.rcv_nxt.wrapping_add(bytes);
            }
        },
    );
}

/// Callback for callback what Reno is.
#[test]
fn without_ecn_it_is_reno() {
    let mut fallback = established::<Rdctcp>(0);
    let mut reno = established::<Rreno>(0);
    let name = fallback.sk.icsk_ca_ops.map(|ops| ops.name);
    assert_eq!(name, Some(*b"rdctcp-reno\0\0\0\0\0"));
    assert!(!fallback.sk.ecn_capable);

    let windows = |fallback: &Connection<Rdctcp>, reno: &Connection<Rreno>| {
        let of = |sk: &RawSock| (sk.snd_cwnd, sk.snd_ssthresh);
        assert_eq!(of(&fallback.sk), of(&reno.sk));
    };
    for round in 0..30 {
        fallback.round_trip(RTT);
        reno.round_trip(RTT);
        windows(&fallback, &reno);
        match round % 10 {
            5 => {
                fallback.loss();
                reno.loss();
            }
            7 => {
                fallback.ecn_mark();
                reno.ecn_mark();
            }
            9 => {
                fallback.timeout();
                reno.timeout();
                fallback.leave();
                reno.leave();
            }
            _ => (),
        }
        windows(&fallback, &reno);
    }
    assert_eq!(fallback.get_info(), Some(Info::Dctcp(DctcpInfo::default())));
}

#[test]
fn with_ecn_of_either_kind_it_is_dctcp() {
    for mode in ECN_MODES {
        let dctcp = established::<Rdctcp>(mode);
        let name = dctcp.sk.icsk_ca_ops.map(|ops| ops.name);
        assert_eq!(name, Some(*b"rdctcp\0\0\0\0\0\0\0\0\0\0"));
        assert!(dctcp.sk.ecn_capable);
    }
}

/// It may be chosen for connections to come, of which nobody knows yet.
#[test]
fn it_does_not_give_up_before_there_is_a_connection() {
    for sk_state in UNCONNECTED {
        let mut dctcp = Connection::<Rdctcp>::before_init(RawSock {
            sk_state,
            ..RawSock::default()
        });
        dctcp.establish();
        assert!(dctcp.sk.ecn_capable);
        assert_eq!(dctcp.state().dctcp_alpha, 1024);
    }
}

/// A BPF program's own socket, on which it calls `init`: the table stays, and the state is one.
#[test]
fn it_does_not_take_over_a_socket_of_others() {
    let mut others = Connection::<Rdctcp>::before_init(RawSock::default());
    others.sk.icsk_ca_ops = None;
    others.set_state_bytes([0xff; 104]);
    others.sk.rcv_nxt = 77;
    others.init();
    assert!(others.sk.icsk_ca_ops.is_none());
    assert!(others.sk.ecn_capable);
    let ca = others.state();
    assert_eq!((ca.dctcp_alpha, ca.ce_state), (1024, 0));
    assert_eq!((ca.loss_cwnd, ca.prior_rcv_nxt.get()), (Packets::ZERO, 77));
}

#[test]
fn ss_shows_alpha_and_this_round_trip() {
    let mut dctcp = dctcp(10);
    // The last ACK begins a round trip.
    round_trip(&mut dctcp, 0);
    let alpha = dctcp.state().dctcp_alpha;
    dctcp.sk.delivered_ce += 2;
    dctcp.ack(3, RTT);
    dctcp.cwnd_event(CwndEvent::ECN_IS_CE);
    assert_eq!(
        dctcp.get_info(),
        Some(Info::Dctcp(DctcpInfo {
            enabled: true,
            ce_state: 1,
            alpha,
            ab_ecn: 2 * 1448,
            ab_tot: 3 * 1448,
        }))
    );
}

#[test]
fn parameters_are_those_of_the_reference() {
    let list = Params::DECLARED.list;
    let found = list
        .iter()
        .map(|parameter| (parameter.name, parameter.bounds, parameter.access));
    assert!(found.eq([
        (c"dctcp_shift_g", (0, 10), ParamAccess::Writable),
        (
            c"dctcp_alpha_on_init",
            (0, u32::MAX.into()),
            ParamAccess::Writable
        ),
    ]));
    assert_eq!(
        (Params::dctcp_shift_g(), Params::dctcp_alpha_on_init()),
        (4, 1024)
    );
}
