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
    CongestionControl,
    CA_PRIV_SIZE, //
};
use tcp_cc_backend::RawEvent;

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
        for (jiffies, call) in input.calls {
            connection.jiffies = jiffies.into();
            check_call(call, &mut connection);
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

/// An input of its type, whatever it may be.
trait Drawn: Sized {
    /// The type that a test passes for it.
    type Value: std::fmt::Debug;

    /// Draws one.
    fn draw(any: &mut Any) -> Self::Value;
}

/// Implements [`Drawn`].
macro_rules! drawn {
    ($($raw:ty as $value:ty = $draw:expr;)*) => { $(
        impl Drawn for $raw {
            type Value = $value;

            fn draw(any: &mut Any) -> $value {
                $draw(any)
            }
        }
    )* };
}

drawn! {
    u8 as u8 = Any::u8;
    u32 as u32 = Any::u32;
    i32 as i32 = Any::i32;
    RawEvent as RawEvent = |any: &mut Any| RawEvent(any.u32());
    *const RawAckSample as RawAckSample = ack_sample;
    *const RawRateSample as RawRateSample = rate_sample;
}

/// Generates [`Call`].
macro_rules! call {
    ([$($name:ident($($arg:ident: $raw:ty),*) $(-> $ret:ty)?;)*] $get_info:tt) => {
        /// A callback, and what it is called with.
        #[derive(Debug)]
        #[expect(non_camel_case_types, reason = "the members' names are the kernel's")]
        enum Call {
            $($name { $($arg: <$raw as Drawn>::Value),* },)*
            get_info,
        }

        /// Any callback.
        fn call(any: &mut Any) -> Call {
            const COUNT: u64 = [$(stringify!($name)),*].len() as u64;
            let mut left = any.below(COUNT + 1);
            $(
                if left == 0 {
                    return Call::$name { $($arg: <$raw as Drawn>::draw(any)),* };
                }
                left -= 1;
            )*
            let _ = left;
            Call::get_info
        }

        impl Call {
            /// Calls it, and says what it returned, if that is a number.
            fn make<A: CongestionControl>(&self, connection: &mut Connection<A>) -> Option<u32> {
                match self {
                    $(Self::$name { $($arg),* } => {
                        Result32::from(connection.$name($($arg.clone()),*)).0
                    })*
                    Self::get_info => {
                        connection.get_info();
                        None
                    }
                }
            }
        }
    };
}

tcp_cc_backend::raw_tcp_congestion_ops!(call);

/// The result of a callback, if it is a number.
struct Result32(Option<u32>);

impl From<()> for Result32 {
    fn from((): ()) -> Self {
        Self(None)
    }
}

impl From<u32> for Result32 {
    fn from(number: u32) -> Self {
        Self(Some(number))
    }
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

/// Any sample of an ACK.
fn ack_sample(any: &mut Any) -> RawAckSample {
    RawAckSample {
        pkts_acked: any.u32(),
        rtt_us: any.i32(),
        in_flight: any.u32(),
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

/// Makes a call, and checks what came of it.
fn check_call<A: CongestionControl>(mut call: Call, connection: &mut Connection<A>) {
    let before = connection.sk;
    if let Call::cong_avoid { acked, .. } = &mut call {
        // What is out fits into the window and so does what may come of it: the kernel's own
        // functions add these packets, and one, without a look at the result.
        let Some(most) = (MAX_CWND - before.snd_cwnd).checked_sub(1) else {
            return;
        };
        *acked = most.min(*acked);
    }
    let result = call.make(connection);
    let allowed = match call {
        Call::ssthresh {} if result == Some(before.snd_ssthresh) => 0..=u32::MAX,
        Call::ssthresh {} => 2..=MAX_CWND,
        Call::undo_cwnd {} => 1..=MAX_CWND,
        Call::min_tso_segs {} => 1..=u32::MAX,
        Call::sndbuf_expand {} => 1..=128,
        _ => 0..=u32::MAX,
    };
    assert!(
        result.is_none_or(|result| allowed.contains(&result)),
        "{call:?} returns {result:?}"
    );
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
