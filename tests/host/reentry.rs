// SPDX-License-Identifier: GPL-2.0-only

//! Callbacks that the kernel calls while another callback of the same socket runs
//! (Documentation/contract.rst, trap 19).

use tcp_cc::prelude::*;
use tcp_cc_host::{
    fuzz_all_callbacks,
    Connection,
    RawSock, //
};

state! {
    /// How often the window was reduced.
    struct Counts {
        /// Calls of `ssthresh`.
        reductions: u32,
        /// Those while an ACK was being sent.
        nested: u32,
        /// Calls of `set_state`, the last of them, and of `init` and `release`.
        states: u32,
        last_state: u32,
        inits: u32,
        releases: u32,
    }
}

/// Counts reductions, and those while an ACK is being sent.
struct Acks;

impl CongestionControl for Acks {
    type State = Counts;

    const OPS: Ops<Self> = Ops {
        name: "acks",
        flags: Flags::NEEDS_ECN,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: |sk, ca| {
            ca.reductions = ca.reductions.wrapping_add(1);
            Ssthresh::clamped(sk.snd_cwnd() / 2)
        },
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(|sk| {
                let ca = sk.state_mut();
                ca.inits = ca.inits.wrapping_add(1);
            }),
            release: Some(|_, ca| ca.releases = ca.releases.wrapping_add(1)),
            set_state: Some(|_, ca, new_state| {
                ca.states = ca.states.wrapping_add(1);
                ca.last_state = new_state.as_raw().into();
            }),
            cwnd_event: Some(|sk, _| acknowledge(sk)),
            cwnd_event_tx_start: Some(acknowledge),
            in_ack_event: Some(|sk, _| acknowledge(sk)),
            ..Optional::NONE
        },
    };
}

/// Sends an ACK between two looks at the state.
fn acknowledge(sk: &mut Sock<Event<Counts>>) {
    let before = sk.state().reductions;
    let rcv_nxt = sk.rcv_nxt();
    sk.send_ack(rcv_nxt);
    let ca = sk.state_mut();
    ca.nested = ca.nested.wrapping_add(ca.reductions.wrapping_sub(before));
    ca.reductions = ca.reductions.wrapping_add(10);
}

/// A connection whose device drops every ACK, or none, and that is no longer new.
fn connection(drops_one_ack_in: u32) -> Connection<Acks> {
    let mut acks = Connection::before_init(RawSock {
        drops_one_ack_in,
        ..RawSock::default()
    });
    acks.establish();
    acks
}

#[test]
fn an_ack_that_is_dropped_reduces_the_window_within_the_callback() {
    let mut nested = 0;
    for _ in 0..20 {
        let mut acks = connection(1);
        acks.cwnd_event(CwndEvent::ECN_IS_CE);
        let after = acks.state();
        assert_eq!(acks.sk.acks_sent.0, 1);
        assert_eq!(after.reductions, 11);
        assert_eq!(
            (after.states, after.last_state),
            (1, CaState::CWR.as_raw().into())
        );
        assert_eq!(
            (acks.sk.snd_ssthresh, acks.sk.icsk_ca_state),
            (5, CaState::CWR.as_raw())
        );
        // A program that chooses the algorithm anew clears the state.
        assert!(after.inits == 1 && after.releases == 0);
        nested += after.nested;
    }
    assert_eq!(nested, 20);
}

#[test]
fn once_reduced_it_is_not_reduced_again() {
    let mut acks = connection(1);
    acks.set_ca_state(CaState::RECOVERY);
    acks.in_ack_event(AckEventFlags::ECE);
    let after = acks.state();
    assert_eq!((after.reductions, after.nested), (10, 0));
}

#[test]
fn an_ack_that_is_sent_calls_nothing_back() {
    let mut acks = connection(0);
    acks.cwnd_event_tx_start();
    let after = acks.state();
    assert_eq!((after.reductions, after.nested, after.states), (10, 0, 0));
}

#[test]
fn any_socket_is_dropped_from_now_and_then() {
    fuzz_all_callbacks::<Acks>();
}
