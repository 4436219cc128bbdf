// SPDX-License-Identifier: GPL-2.0-only

//! Sockets with no connection behind them.

use super::{
    Random,
    Table, //
};
use core::{
    marker::PhantomData,
    mem::{
        size_of,
        MaybeUninit, //
    },
    ops::Range,
    ptr::{
        addr_of,
        addr_of_mut, //
    },
};
use ferrops_bindings as bindings;
use kernel::{
    alloc::flags::__GFP_ZERO,
    prelude::*, //
};
use tcp_cc::{
    context::{
        Event,
        Init,
        Unlocked, //
    },
    AckSample,
    Acked,
    CongestionControl,
    RateSample,
    Sock,
    CA_PRIV_SIZE, //
};
use tcp_cc_backend::{
    self as backend,
    Interface,
    Target, //
};

use backend::{
    RawAckSample,
    RawEvent,
    RawRateSample, //
};

/// Generates [`Fields`] and its way into a socket and out of it.
macro_rules! fields {
    ($(
        $(#[$doc:meta])*
        $field:ident $(/ $set:ident)?: $ty:ty $(as $quantity:ty)?
            = $struct:ident, [$($member:tt)+] $(, $shared:ident)?;
    )*) => {
        /// What algorithms read and write of a socket, under the kernel's names.
        ///
        /// By default a closed socket, with 0 everywhere else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Fields {
            $($(#[$doc])* pub $field: $ty,)*
            /// `enum tcp_ca_state`.
            pub ca_state: u8,
            /// Whether the window was what limited sending in the last RTT.
            pub is_cwnd_limited: bool,
        }

        impl Fields {
            /// A closed socket.
            pub const CLOSED: Self = Self {
                sk_state: 7,
                ..Self {
                    $($field: 0,)*
                    ca_state: 0,
                    is_cwnd_limited: false,
                }
            };

            /// Noise in all fields.
            #[inline]
            pub fn any(random: &mut Random) -> Self {
                Self {
                    $($field: random.any64() as $ty,)*
                    ca_state: random.below(1 << 5) as u8,
                    is_cwnd_limited: random.below(2) == 0,
                }
            }
        }

        impl<A: CongestionControl> FakeSock<'_, A> {
            /// The fields of the socket.
            #[allow(clippy::unnecessary_cast, reason = "some are wider here than in C")]
            #[inline]
            pub fn fields(&self) -> Fields {
                let tp = self.sock.as_ptr();
                Fields {
                    $($field: {
                        let raw = tp.cast::<bindings::$struct>();
                        // SAFETY: A `tcp_sock` by the type invariants, which begins with the
                        // others.
                        (unsafe { addr_of!((*raw).$($member)+).read() }) as $ty
                    },)*
                    // SAFETY: As above.
                    ca_state: unsafe {
                        bindings::inet_connection_sock::icsk_ca_state_raw(tp.cast())
                    },
                    // SAFETY: As above.
                    is_cwnd_limited: unsafe {
                        bindings::tcp_sock::is_cwnd_limited_raw(tp) != 0
                    },
                }
            }

            /// Sets the fields of the socket.
            ///
            /// Only a socket that is closed (`sk_state`) sends nothing: on another one, a callback
            /// that sends an ACK crashes.
            #[expect(clippy::as_underscore, reason = "the members have their types from C")]
            #[inline]
            pub fn set_fields(&mut self, fields: Fields) {
                let tp = self.sock.as_mut_ptr();
                $({
                    let raw = tp.cast::<bindings::$struct>();
                    // SAFETY: A `tcp_sock` that is ours, by the type invariants.
                    unsafe { addr_of_mut!((*raw).$($member)+).write(fields.$field as _) };
                })*
                // SAFETY: As above.
                unsafe {
                    bindings::inet_connection_sock::set_icsk_ca_state_raw(
                        tp.cast(),
                        fields.ca_state,
                    );
                    bindings::tcp_sock::set_is_cwnd_limited_raw(tp, fields.is_cwnd_limited.into());
                };
            }
        }
    };
}

backend::sock_fields!(fields);

impl Default for Fields {
    #[inline]
    fn default() -> Self {
        Self::CLOSED
    }
}

/// A socket on which `A`'s callbacks, or those of its reference, can be called.
///
/// Zeroed and closed, but for what the test and the callbacks set. It belongs to the first network
/// namespace, whose counters it counts in.
///
/// # Invariants
///
/// `sock` is initialised memory with a valid `sk_net`, no route and no part for IPv6, and with
/// valid values in what was written since; `icsk_ca_ops` is a table that may be called while
/// `'t` lasts. Nobody else knows it: whoever has the `FakeSock` owns the socket as if its lock
/// were held.
pub struct FakeSock<'t, A: CongestionControl> {
    sock: KBox<MaybeUninit<bindings::tcp_sock>>,
    table: &'t Table,
    _algorithm: PhantomData<A>,
}

/// What `get_info` wrote; bytes that it did not write are `0xee`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How many bytes it says it wrote.
    pub size: usize,
    /// The type, `INET_DIAG_*INFO`.
    pub attr: i32,
    /// The answer: words, since all that there may be is made of such.
    pub info: [u32; size_of::<bindings::tcp_cc_info>() / size_of::<u32>()],
}

impl Answer {
    /// Nothing written.
    pub const UNTOUCHED: Self = Self {
        size: 0,
        attr: 0xeeee_eeee_u32 as i32,
        info: [0xeeee_eeee; size_of::<bindings::tcp_cc_info>() / size_of::<u32>()],
    };
}

/// Generates the callbacks.
macro_rules! callbacks {
    ([$($name:ident($($arg:ident: $raw:ty),*) $(-> $ret:ty)?;)*] $get_info:tt) => {
        /// The members of the table, by their names. One that the table does not have does nothing.
        #[allow(unused_parens, reason = "not every member has a result")]
        impl<A: CongestionControl> FakeSock<'_, A> { $(
            #[doc = concat!("`", stringify!($name), "`")]
            #[inline]
            pub fn $name(&mut self $(, $arg: impl Pass<$raw>)*) -> ($($ret)?) {
                match self.ops().$name {
                    // SAFETY: By the type invariants this may be called on a socket that the caller
                    // owns, and we own it. A sample lives during the call.
                    Some(callback) => unsafe { callback(self.as_raw() $(, $arg.pass())*) },
                    None => Default::default(),
                }
            }
        )* }
    };
}

backend::raw_tcp_congestion_ops!(callbacks);

/// How an argument is passed that is a `Raw` in C: a number, or a sample.
pub trait Pass<Raw> {
    /// The argument in C. A pointer is valid as long as `self` is borrowed.
    fn pass(&self) -> Raw;
}

/// Implements [`Pass`].
macro_rules! pass {
    ($($ty:ty as $raw:ty = |$value:ident| $pass:expr;)*) => { $(
        impl Pass<$raw> for $ty {
            #[inline]
            fn pass(&self) -> $raw {
                let $value = self;
                $pass
            }
        }
    )* };
}

pass! {
    u8 as u8 = |number| *number;
    u32 as u32 = |number| *number;
    i32 as i32 = |number| *number;
    u32 as bindings::tcp_ca_event = |event| bindings::tcp_ca_event(*event);
    bindings::ack_sample as *const bindings::ack_sample = |sample| &raw const *sample;
    &bindings::rate_sample as *const bindings::rate_sample = |sample| &raw const **sample;
}

impl<'t, A: CongestionControl> FakeSock<'t, A> {
    /// A socket whose callbacks are those of `table`.
    #[inline]
    pub fn new(table: &'t Table) -> Result<Self> {
        let mut fake = Self {
            sock: KBox::<bindings::tcp_sock>::new_uninit(GFP_KERNEL | __GFP_ZERO)?,
            table,
            _algorithm: PhantomData,
        };
        fake.make_valid();
        Ok(fake)
    }

    /// Establishes the type invariants.
    #[inline]
    fn make_valid(&mut self) {
        let icsk: *mut bindings::inet_connection_sock = self.sock.as_mut_ptr().cast();
        let sk = self.as_raw();
        // SAFETY: `sk` begins a `tcp_sock` that is ours. `init_net` always exists; its address is
        // all that is taken.
        // INVARIANT: This is all that the type invariants speak of.
        unsafe {
            (*sk).__sk_common.skc_net.net = addr_of_mut!(bindings::init_net);
            (*sk).__sk_common.skc_state = Fields::CLOSED.sk_state;
            (*sk).sk_dst_cache = core::ptr::null_mut();
            (*icsk).icsk_inet.pinet6 = core::ptr::null_mut();
            (*icsk).icsk_ca_ops = self.table.as_raw();
        }
    }

    /// The socket as the kernel passes it to callbacks.
    #[inline]
    pub fn as_raw(&mut self) -> *mut bindings::sock {
        self.sock.as_mut_ptr().cast()
    }

    /// The table of the socket: that of [`new`](Self::new), if no callback replaced it.
    #[inline]
    pub fn ops(&self) -> &'t bindings::tcp_congestion_ops {
        let icsk: *const bindings::inet_connection_sock = self.sock.as_ptr().cast();
        // SAFETY: By the type invariants.
        unsafe { &*(*icsk).icsk_ca_ops }
    }

    /// Gives the socket the table that it had once.
    #[inline]
    pub(super) fn set_ops(&mut self, ops: &'t bindings::tcp_congestion_ops) {
        let icsk: *mut bindings::inet_connection_sock = self.sock.as_mut_ptr().cast();
        // SAFETY: Ours, by the type invariants.
        // INVARIANT: It was the table of a socket with this lifetime.
        unsafe { (*icsk).icsk_ca_ops = ops };
    }

    /// Fills the socket with noise, but for what the type invariants speak of.
    #[inline]
    pub fn scramble(&mut self, random: &mut Random) {
        let bytes: *mut u8 = self.sock.as_mut_ptr().cast();
        for i in 0..size_of::<bindings::tcp_sock>() {
            // SAFETY: Inside of what is ours.
            unsafe { bytes.add(i).write(random.any() as u8) };
        }
        self.make_valid();
    }

    /// Does `change`. Says whether no byte changed but those at `place`: offsets in
    /// `struct tcp_sock`.
    #[inline]
    pub fn changes_only(
        &mut self,
        place: Range<usize>,
        change: impl FnOnce(&mut Self),
    ) -> Result<bool> {
        let mut before = KVec::new();
        before.extend_from_slice(self.bytes(), GFP_KERNEL)?;
        change(self);
        let changed =
            (0..before.len()).find(|i| before[*i] != self.bytes()[*i] && !place.contains(i));
        Ok(changed.is_none() || super::explain(&changed))
    }

    /// All bytes of the socket.
    #[inline]
    fn bytes(&self) -> &[u8] {
        // SAFETY: All of them are initialised by the type invariants.
        unsafe {
            core::slice::from_raw_parts(
                self.sock.as_ptr().cast::<u8>(),
                size_of::<bindings::tcp_sock>(),
            )
        }
    }

    /// The socket as algorithms see it.
    #[inline]
    pub fn sock(&mut self) -> &mut Sock {
        // SAFETY: What an algorithm reads and writes of a socket is valid by the type invariants,
        // and ours. The result borrows `self`, so that nothing else touches it meanwhile.
        unsafe { Sock::from_raw(self.as_raw()) }
    }

    /// The socket as `init` sees it.
    #[inline]
    pub fn init_sock(&mut self) -> &mut Sock<Init<A::State>> {
        // SAFETY: As in `sock`, and as if in `init`: the table may be replaced, and has an owner.
        unsafe { Sock::from_raw(self.as_raw()) }
    }

    /// The socket as `cwnd_event` and its like see it.
    #[inline]
    pub fn event_sock(&mut self) -> &mut Sock<Event<A::State>> {
        // SAFETY: As in `sock`, and as if in `cwnd_event`. Nothing is sent, since the socket is
        // closed.
        unsafe { Sock::from_raw(self.as_raw()) }
    }

    /// The socket as `get_info` sees it.
    #[inline]
    pub fn info_sock(&mut self) -> &Sock<Unlocked> {
        self.sock().as_unlocked()
    }

    /// The algorithm's state.
    #[inline]
    pub fn state(&mut self) -> &mut A::State {
        const {
            assert!(align_of::<A::State>() <= align_of::<u64>());
            assert!(size_of::<A::State>() <= CA_PRIV_SIZE);
        };
        // SAFETY: `icsk_ca_priv` is initialised by the type invariants, large enough and aligned as
        // was just asserted, and any bytes are a valid state by the contract of
        // `ferrops_core::AnyBytes`. The result borrows `self`, so that nothing else touches it
        // meanwhile.
        unsafe { &mut *Target::ca_priv(self.as_raw()).cast() }
    }

    /// All the bytes that a state may have, whether the algorithm uses them or not.
    #[inline]
    pub fn state_bytes(&mut self) -> [u8; CA_PRIV_SIZE] {
        // SAFETY: This computes an address in a socket that is ours.
        let bytes = unsafe { Target::ca_priv(self.as_raw()) };
        // SAFETY: There are so many bytes. The volatile read is of whatever lies there, also where
        // a state has padding.
        core::array::from_fn(|i| unsafe { bytes.add(i).read_volatile() })
    }

    /// Overwrites what [`state_bytes`](Self::state_bytes) gives.
    #[inline]
    pub fn set_state_bytes(&mut self, bytes: &[u8; CA_PRIV_SIZE]) {
        // SAFETY: `icsk_ca_priv` has that size, and is ours.
        unsafe { *Target::ca_priv(self.as_raw()).cast::<[u8; CA_PRIV_SIZE]>() = *bytes };
    }

    /// Makes the fields and the state equal to those of another socket.
    #[inline]
    pub fn copy_from(&mut self, other: &mut Self) {
        self.set_fields(other.fields());
        self.set_state_bytes(&other.state_bytes());
    }

    /// `pkts_acked` of so many packets; a negative `rtt_us` is none.
    #[inline]
    pub fn packets_acked(&mut self, pkts_acked: u32, rtt_us: i32, in_flight: u32) {
        self.pkts_acked(bindings::ack_sample {
            pkts_acked,
            rtt_us,
            in_flight,
        });
    }

    /// `get_info`: what there is to show to who asks for the types `ext`.
    #[inline]
    pub fn get_info(&mut self, ext: u32) -> Answer {
        let mut answer = Answer::UNTOUCHED;
        if let Some(callback) = self.ops().get_info {
            // SAFETY: As for the other callbacks. There is room for any answer.
            answer.size = unsafe {
                callback(
                    self.as_raw(),
                    ext,
                    &mut answer.attr,
                    answer.info.as_mut_ptr().cast(),
                )
            };
        }
        answer
    }
}

/// Calls `f` with a sample.
#[inline]
pub fn with_sample<R>(sample: bindings::ack_sample, f: impl FnOnce(&AckSample) -> R) -> R {
    // SAFETY: `sample` lives during the call of `f`, and the reference does not outlive that.
    f(unsafe { AckSample::from_raw(&sample) })
}

/// Calls `f` with a sample.
#[inline]
pub fn with_rate_sample<R>(sample: bindings::rate_sample, f: impl FnOnce(&RateSample) -> R) -> R {
    // SAFETY: `sample` lives during the call of `f`, and the reference does not outlive that.
    f(unsafe { RateSample::from_raw(&sample) })
}

/// What the kernel would say was acknowledged.
#[inline]
pub fn acked(packets: u32) -> Acked {
    let sample = bindings::rate_sample {
        acked_sacked: packets,
        ..Default::default()
    };
    with_rate_sample(sample, |sample| sample.acked_sacked())
}
