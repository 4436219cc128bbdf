// SPDX-License-Identifier: GPL-2.0-only

//! What every algorithm must cope with.

use crate::{
    check,
    Any,
    Connection,
    RawAckSample,
    RawRateSample,
    RawSock, //
};
use tcp_cc::{
    AckEventFlags,
    AckFlags,
    CaState,
    CongestionControl,
    CwndEvent,
    CA_PRIV_SIZE, //
};

/// Tests that `A` copes with any socket, any bytes in its state, any samples at any time, and any
/// parameters that it allows: no callback panics, and the kernel can live with what they answer and
/// leave behind.
///
/// It sets the algorithm's parameters, which all tests in a file share: so give it a file of its
/// own.
pub fn fuzz_all_callbacks<A: CongestionControl>() {
    let parameters = A::PARAMETERS.list;
    let defaults: Vec<i64> = parameters.iter().map(|parameter| parameter.get()).collect();
    let make = |any: &mut Any| Input {
        parameters: defaults
            .iter()
            .zip(parameters)
            .map(|(&default, parameter)| match any.below(4) {
                0 => default,
                1 => parameter.bounds.0,
                2 => parameter.bounds.1,
                _ => {
                    let (first, last) = parameter.bounds;
                    first + (any.u64() % ((last - first) as u64 + 1)) as i64
                }
            })
            .collect(),
        hz: any.of(&[1000, 250, 100]),
        sk: sock(any),
        state: any.bytes(),
        calls: any.list(8, |any| (any.u32(), call(any))),
    };
    check(make, |input| {
        for (parameter, &value) in parameters.iter().zip(&input.parameters) {
            assert!(
                parameter.set(value),
                "{:?} is not allowed {value}",
                parameter.name
            );
        }
        (A::PARAMETERS.derive)();
        let mut connection = Connection::<A>::before_init(input.sk);
        connection.sk.tcp_mstamp = input.sk.tcp_mstamp;
        connection.hz = input.hz;
        connection.set_state_bytes(input.state);
        for (jiffies32, call) in input.calls {
            connection.jiffies32 = jiffies32;
            call.make(&mut connection);
        }
    });
}

/// The largest window that the kernel does not warn of.
const MAX_CWND: u32 = i32::MAX as u32;

/// All that callbacks depend on.
#[derive(Debug)]
struct Input {
    parameters: Vec<i64>,
    hz: u32,
    sk: RawSock,
    state: [u8; CA_PRIV_SIZE],
    calls: Vec<(u32, Call)>,
}

/// A callback, and what it is called with.
#[derive(Debug)]
enum Call {
    Init,
    Release,
    SetState(u8),
    CwndEvent(u32),
    CwndEventTxStart,
    InAckEvent(u32),
    PktsAcked(RawAckSample),
    CongAvoid(u32, u32),
    CongControl(u32, i32, RawRateSample),
    Ssthresh,
    UndoCwnd,
    MinTsoSegs,
    SndbufExpand,
    GetInfo,
}

/// Any socket that the kernel may hand to a callback.
fn sock(any: &mut Any) -> RawSock {
    RawSock {
        snd_cwnd: any.within(1..=MAX_CWND),
        prior_cwnd: any.within(0..=MAX_CWND),
        snd_cwnd_clamp: any.within(1..=u32::MAX),
        is_cwnd_limited: any.bool(),
        icsk_ca_state: any.u8(),
        drops_one_ack_in: any.of(&[0, 1, 4]),
        ..RawSock::of_numbers(|| any.u64())
    }
}

/// Any callback.
fn call(any: &mut Any) -> Call {
    match any.below(14) {
        0 => Call::CongAvoid(any.u32(), any.u32()),
        1 => Call::PktsAcked(RawAckSample {
            pkts_acked: any.u32(),
            rtt_us: any.i32(),
            in_flight: any.u32(),
        }),
        2 => Call::Ssthresh,
        3 => Call::UndoCwnd,
        4 => Call::SetState(any.u8()),
        5 => Call::CwndEvent(any.u32()),
        6 => Call::CwndEventTxStart,
        7 => Call::InAckEvent(any.u32()),
        8 => Call::CongControl(any.u32(), any.i32(), rate_sample(any)),
        9 => Call::MinTsoSegs,
        10 => Call::SndbufExpand,
        11 => Call::GetInfo,
        12 => Call::Init,
        _ => Call::Release,
    }
}

/// Any rate sample.
fn rate_sample(any: &mut Any) -> RawRateSample {
    RawRateSample {
        prior_mstamp: any.u64(),
        prior_delivered: any.u32(),
        prior_delivered_ce: any.u32(),
        delivered: any.i32(),
        delivered_ce: any.i32(),
        interval_us: any.i64(),
        snd_interval_us: any.u32(),
        rcv_interval_us: any.u32(),
        rtt_us: any.i64(),
        losses: any.i32(),
        acked_sacked: any.u32(),
        prior_in_flight: any.u32(),
        last_end_seq: any.u32(),
        is_app_limited: any.bool(),
        is_retrans: any.bool(),
        is_ack_delayed: any.bool(),
    }
}

impl Call {
    /// Calls it, and checks what came of it.
    fn make<A: CongestionControl>(self, connection: &mut Connection<A>) {
        let before = connection.sk;
        match self {
            Self::Init => connection.init(),
            Self::Release => connection.release(),
            Self::SetState(state) => connection.set_state(CaState::from_raw(state)),
            Self::CwndEvent(event) => connection.cwnd_event(CwndEvent::from_raw(event)),
            Self::CwndEventTxStart => connection.cwnd_event_tx_start(),
            Self::InAckEvent(flags) => connection.in_ack_event(AckEventFlags::from_raw(flags)),
            Self::PktsAcked(sample) => connection.pkts_acked(sample),
            Self::CongAvoid(ack, acked) => {
                // What is out fits into the window and so does what may come of it: the kernel's
                // own functions add these packets, and one, without a look at the result.
                let room = MAX_CWND - before.snd_cwnd;
                if room > 0 {
                    connection.cong_avoid(ack, acked.min(room - 1));
                }
            }
            Self::CongControl(ack, flags, sample) => {
                connection.cong_control(ack, AckFlags::from_raw(flags), sample);
            }
            Self::Ssthresh => {
                let ssthresh = connection.ssthresh();
                assert!(ssthresh == before.snd_ssthresh || (2..=MAX_CWND).contains(&ssthresh));
            }
            Self::UndoCwnd => assert!((1..=MAX_CWND).contains(&connection.undo_cwnd())),
            Self::MinTsoSegs => assert!(connection.min_tso_segs() > 0),
            Self::SndbufExpand => assert!((1..=128).contains(&connection.sndbuf_expand())),
            Self::GetInfo => {
                connection.get_info();
            }
        }
        let after = &connection.sk;
        assert!(
            (1..=MAX_CWND).contains(&after.snd_cwnd),
            "window {}",
            after.snd_cwnd
        );
        assert!(
            after.snd_ssthresh == before.snd_ssthresh || after.snd_ssthresh >= 2,
            "slow start threshold {}",
            after.snd_ssthresh
        );
    }
}
