// SPDX-License-Identifier: GPL-2.0-only

//! The harness itself: what a connection does, and what a failing property says.

use std::panic::catch_unwind;
use tcp_cc::{
    prelude::*,
    AckEventFlags,
    BbrInfo, //
};
use tcp_cc_host::{
    check,
    Connection,
    RawAckSample,
    RawRateSample,
    RawSock, //
};

state! {
    /// How often each callback was called. The layout has a hole.
    struct Calls {
        init: u8,
        release: u8,
        set_state: u32,
        events: u64,
        tx_starts: u8,
        ack_flags: u32,
        acked: Packets,
        last_rtt: Usecs,
        when: Jiffies32,
        mstamp: Micros64,
    }
}

const NO_CALLS: Calls = Calls {
    init: 0,
    release: 0,
    set_state: 0,
    events: 0,
    tx_starts: 0,
    ack_flags: 0,
    acked: Packets::ZERO,
    last_rtt: Usecs::ZERO,
    when: Jiffies32::ZERO,
    mstamp: Micros64::ZERO,
};

/// An algorithm that counts, and has every callback.
struct Counter;

impl CongestionControl for Counter {
    type State = Calls;

    const OPS: Ops<Self> = Ops {
        name: "counter",
        flags: Flags::NEEDS_ECN,
        control: Control::CongControl(cong_control),
        ssthresh: |sk, _| Ssthresh::clamped(sk.snd_cwnd() / 2),
        undo_cwnd: |sk, _| Cwnd::clamped(sk.prior_cwnd()),
        optional: Optional {
            init: Some(|sk| {
                let calls = sk.state_mut();
                let init = calls.init + 1;
                // What is in the hole is lost.
                *calls = Calls { init, ..NO_CALLS };
            }),
            release: Some(|_, calls| calls.release += 1),
            set_state: Some(|sk, calls, new_state| {
                assert_ne!(sk.ca_state(), new_state);
                calls.set_state = calls.set_state * 8 + u32::from(new_state.as_raw());
            }),
            cwnd_event: Some(|sk, event| {
                let calls = sk.state_mut();
                calls.events = calls.events * 10 + u64::from(event.as_raw());
            }),
            cwnd_event_tx_start: Some(|sk| sk.state_mut().tx_starts += 1),
            in_ack_event: Some(|sk, flags| sk.state_mut().ack_flags |= flags.as_raw()),
            pkts_acked: Some(|sk, calls, sample| {
                calls.last_rtt = sample.rtt().unwrap();
                (calls.when, calls.mstamp) = (Jiffies32::now(), sk.tcp_mstamp());
            }),
            min_tso_segs: Some(|_, _| Packets::new(0)),
            sndbuf_expand: Some(|_, _| 1000),
            get_info: Some(|sk, calls| {
                Info::Bbr(BbrInfo {
                    bw: calls.events,
                    min_rtt: calls.last_rtt.get() as u32,
                    cwnd_gain: sk.snd_cwnd().get(),
                    ..Default::default()
                })
            }),
        },
    };
}

fn cong_control(sk: &mut Sock, calls: &mut Calls, ack: SeqNo, flags: AckFlags, rs: &RateSample) {
    assert!(flags.contains(AckFlags::DATA_ACKED) && ack == sk.snd_una());
    if let (Some(delivered), Some(interval)) = (rs.delivered(), rs.interval()) {
        assert_eq!(rs.rtt(), Some(interval));
        calls.acked += delivered;
    }
    sk.set_snd_cwnd(Cwnd::clamped(sk.snd_cwnd() + rs.acked_sacked().packets()));
}

/// An algorithm with no callback that it may leave out.
struct Bare;

impl CongestionControl for Bare {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "bare",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

/// An algorithm that is for no connection.
struct Leaver;

impl CongestionControl for Leaver {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "leaver",
        flags: Flags::NEEDS_ECN,
        ssthresh: |_, _| Ssthresh::INFINITE,
        optional: Optional {
            init: Some(|sk| {
                sk.fall_back_to::<Bare>();
            }),
            ..Optional::NONE
        },
        control: Control::CongAvoid(|_, _, _, _| ()),
        undo_cwnd: reno::undo_cwnd,
    };
}

#[test]
fn callbacks_come_as_in_the_kernel() {
    let mut counter = Connection::<Counter>::new();
    assert!(counter.sk.ecn_capable);
    counter.round_trips(2, 50_000);
    let calls = counter.state();
    assert_eq!((calls.init, calls.release, calls.set_state), (1, 0, 0));
    assert_eq!(
        (calls.tx_starts, calls.ack_flags),
        (1, AckEventFlags::WIN_UPDATE.as_raw())
    );
    assert_eq!(counter.sk.snd_cwnd, 40);
    assert_eq!((counter.sk.delivered, counter.sk.packets_out), (30, 40));
    assert_eq!(
        counter.sk.snd_nxt.wrapping_sub(counter.sk.snd_una),
        40 * 1448
    );
    // 1 to 10 for the first packets, which were sent before any ACK. Then two leave for each that
    // arrives: 10, 11, 11, 12, 12 and so on up to 20.
    assert_eq!(calls.acked.get(), 55 + 10 + 2 * (11..=19).sum::<u32>() + 20);

    counter.enter_recovery();
    assert_eq!((counter.sk.snd_ssthresh, counter.sk.prior_cwnd), (20, 40));
    counter.leave();
    counter.timeout();
    assert_eq!((counter.sk.snd_ssthresh, counter.sk.snd_cwnd), (20, 1));
    counter.undo();
    assert_eq!((counter.sk.snd_ssthresh, counter.sk.snd_cwnd), (30, 40));
    counter.ecn_mark();
    counter.release();
    let calls = counter.state();
    // Recovery, Open; Loss, Open; CWR, Open.
    assert_eq!(calls.set_state, 0o304020);
    assert_eq!((calls.release, calls.events), (1, 232));
}

#[test]
fn answers_are_bounded_as_in_the_kernel() {
    let mut counter = Connection::<Counter>::new();
    assert_eq!((counter.min_tso_segs(), counter.sndbuf_expand()), (1, 128));
    counter.round_trip(7000);
    counter.cwnd_event(CwndEvent::ECN_IS_CE);
    assert_eq!(
        counter.get_info(),
        Some(Info::Bbr(BbrInfo {
            bw: 5,
            min_rtt: 7000,
            pacing_gain: 0,
            cwnd_gain: 20,
        }))
    );

    let mut bare = Connection::<Bare>::new();
    assert_eq!((bare.min_tso_segs(), bare.sndbuf_expand()), (2, 2));
    assert_eq!(bare.get_info(), None);
    bare.cong_control(0, AckFlags::DATA, RawRateSample::default());
    assert!(!bare.sk.ecn_capable);
}

#[test]
fn a_window_is_reduced_and_restored() {
    let mut bare = Connection::<Bare>::new();
    bare.round_trips(2, 50_000);
    bare.enter_recovery();
    assert_eq!((bare.sk.snd_cwnd, bare.sk.packets_out), (20, 20));
    bare.round_trip(50_000);
    assert_eq!(bare.sk.snd_cwnd, 20);
    bare.undo();
    assert_eq!(
        (bare.sk.snd_cwnd, bare.sk.snd_ssthresh),
        (40, i32::MAX as u32)
    );
    // The kernel does not go back on an ECN mark.
    bare.enter_cwr();
    bare.undo();
    assert_eq!((bare.sk.snd_cwnd, bare.sk.snd_ssthresh), (20, 20));
}

#[test]
fn an_algorithm_may_fall_back() {
    let mut leaver = Connection::<Leaver>::before_init(RawSock::default());
    assert_eq!(leaver.ssthresh(), i32::MAX as u32);
    leaver.establish();
    assert_eq!(leaver.ssthresh(), 5);
    assert!(!leaver.sk.ecn_capable);

    // A BPF program may call it on a socket of its own.
    let mut foreign = Connection::<Leaver>::before_init(RawSock::default());
    foreign.sk.icsk_ca_ops = None;
    foreign.establish();
    assert_eq!(foreign.ssthresh(), i32::MAX as u32);
}

#[test]
fn time_passes_on_both_clocks() {
    let mut counter = Connection::<Counter>::new();
    let sample = RawAckSample::default();
    for hz in [1000, 250, 100] {
        counter.hz = hz;
        counter.pkts_acked(sample);
        let before = counter.state();
        // Bit by bit, until the jiffies have wrapped.
        for usecs in [1, 1_234_567, 400_000_000 - 1_234_568] {
            counter.advance(usecs);
        }
        counter.pkts_acked(sample);
        let after = counter.state();
        assert_eq!(after.mstamp.us_since(before.mstamp), 400_000_000);
        assert_eq!(after.when.since(before.when), Ticks::new(400 * hz as i32));
    }
}

#[test]
fn a_window_that_the_kernel_warns_of_fails_the_test() {
    // Slow start beyond 2^31 - 1, and congestion avoidance with a clamp of 0.
    for (cwnd, clamp, ssthresh) in [(i32::MAX as u32, u32::MAX, u32::MAX), (10, 0, 2)] {
        let failed = catch_unwind(|| {
            let mut bare = Connection::<Bare>::new();
            bare.sk.snd_ssthresh = ssthresh;
            (bare.sk.snd_cwnd, bare.sk.snd_cwnd_clamp) = (cwnd, clamp);
            bare.cong_avoid(0, cwnd);
        });
        assert!(failed.is_err());
    }
}

/// What `check` says of a property that fails.
fn failure(property: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let said = catch_unwind(property).expect_err("the property holds");
    *said.downcast::<String>().expect("a message")
}

#[test]
fn a_failing_property_shows_the_simplest_input() {
    let said = failure(|| {
        check(
            |any| any.list(20, |any| any.u32()),
            |list| assert!(list.iter().all(|&number| number < 1000), "too large"),
        );
    });
    assert!(
        said.starts_with("fails for [\n    1000,\n]\npanicked at "),
        "{said}"
    );
    assert!(said.contains("too large"), "{said}");
}

#[test]
fn a_failing_property_says_how_to_repeat_it() {
    let said = failure(|| check(|any| any.u64(), |number| assert!(number % 8 != 3)));
    let repeat = said.lines().last().unwrap_or_default();
    assert!(
        repeat.starts_with("To repeat: make host-tests FERROPS_SEED="),
        "{said}"
    );
    assert!(repeat.ends_with(" FERROPS_CASES=1"), "{said}");
}

#[test]
fn inputs_are_of_all_sizes() {
    let seen = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let see = |what: String| {
        seen.borrow_mut().insert(what);
    };
    check(
        |any| (any.u32(), any.i32(), any.within(5..=9), any.bytes::<4>()),
        |(number, signed, within, bytes)| {
            see(format!("{} bits", 32 - number.leading_zeros()));
            see(format!("signed {}", signed.signum()));
            see(format!("within {within}"));
            for edge in [0, 1, u32::MAX, 1 << 31] {
                if number == edge || signed as u32 == edge {
                    see(format!("edge {edge}"));
                }
            }
            if bytes.iter().all(|&byte| byte == bytes[0]) {
                see(format!("bytes {}", bytes[0]));
            }
            assert!((5..=9).contains(&within));
        },
    );
    // 33 lengths, 3 signs, 5 numbers, 4 edges, and at least 4 bytes.
    if !cfg!(miri) {
        assert!(seen.borrow().len() >= 49, "{seen:?}");
    }
}
