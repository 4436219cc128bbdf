// SPDX-License-Identifier: GPL-2.0-only

//! A table of callbacks, and a socket that it is used on.

use crate::{
    c,
    event::{
        Event,
        Kind, //
    },
};
use core::{
    mem::{
        offset_of,
        MaybeUninit, //
    },
    ptr::{
        addr_of,
        addr_of_mut,
        NonNull, //
    },
};
use ferrops_bindings as bindings;
use kernel::{
    alloc::flags::__GFP_ZERO,
    error::to_result,
    prelude::*, //
};
use tcp_cc_backend::{
    RawAckSample,
    RawCcInfo,
    RawEvent,
    RawRateSample, //
};

/// How many 32-bit words an algorithm's state may have (`ICSK_CA_PRIV_SIZE`).
pub(crate) const STATE_WORDS: usize = 26;

/// How many 64-bit words a `struct tcp_sock` has.
const SOCK_WORDS: usize = size_of::<bindings::tcp_sock>() / 8;

/// The one of them that says where the table is.
const OPS_WORD: usize = offset_of!(bindings::tcp_sock, inet_conn.icsk_ca_ops) / 8;

/// A table that the kernel has, held by a socket that uses it.
///
/// # Invariants
///
/// `socket` is a TCP socket that `sock_create_kern()` made and that is ours alone. `ops` is its
/// table, which is there as long as the socket uses it; so is any that a callback puts in its
/// place, since that is its own module's. Without a socket it is one of ours. Their callbacks may
/// be called on any socket whose lock is held (we own it) and whose fields are as in a zeroed
/// `tcp_sock` that belongs to `init_net` and that [`c::may_send`] prepared, with any value in those
/// in [`FIELDS`].
pub(crate) struct Table {
    socket: Option<NonNull<bindings::socket>>,
    ops: NonNull<bindings::tcp_congestion_ops>,
}

impl Table {
    /// The table called `name`. Fails with `ENOENT` if there is none.
    pub(crate) fn new(name: &CStr) -> Result<Self> {
        const AF_INET: i32 = 2;
        const SOCK_STREAM: i32 = 1;

        let mut socket = core::ptr::null_mut();
        // SAFETY: `init_net` always exists, and `socket` is valid for writes.
        to_result(unsafe {
            bindings::sock_create_kern(
                addr_of_mut!(bindings::init_net),
                AF_INET,
                SOCK_STREAM,
                0,
                &mut socket,
            )
        })?;
        // INVARIANT: The socket was just made, and uses no table that goes away.
        let mut table = Self {
            socket: Some(NonNull::new(socket).ok_or(EINVAL)?),
            ops: NonNull::dangling(),
        };

        let mut optval = bindings::sockptr_t {
            __bindgen_anon_1: bindings::sockptr_t__bindgen_ty_1 {
                kernel: name.as_char_ptr().cast_mut().cast(),
            },
            ..Default::default()
        };
        optval.set_is_kernel(true);
        // SAFETY: The socket is valid, and `optval` is a kernel pointer to as many bytes as are
        // said to be there; the kernel only reads them.
        to_result(unsafe {
            bindings::sock_common_setsockopt(
                socket,
                bindings::SOL_TCP as i32,
                bindings::TCP_CONGESTION as i32,
                optval,
                name.to_bytes().len() as u32,
            )
        })?;
        // SAFETY: It is a TCP socket, and nobody else changes its algorithm.
        let ops = unsafe {
            let sk: *mut bindings::inet_connection_sock = (*socket).sk.cast();
            (*sk).icsk_ca_ops
        };
        // INVARIANT: The socket's table. The tables that are compared only compute, on the socket
        // and on the counters of its network namespace: that is what the caller of this module
        // answers for, in a guest that is made for it.
        table.ops = NonNull::new(ops.cast_mut()).ok_or(EINVAL)?;
        Ok(table)
    }

    /// A table with every callback, none of which does anything.
    pub(crate) fn nothing() -> Self {
        // INVARIANT: It is ours, and its functions use no socket at all.
        Self {
            socket: None,
            ops: NonNull::from(c::nothing()),
        }
    }

    /// The callbacks.
    pub(crate) fn ops(&self) -> &bindings::tcp_congestion_ops {
        // SAFETY: By the type invariants. The kernel writes to a table only when it is registered.
        unsafe { self.ops.as_ref() }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        if let Some(socket) = self.socket {
            // SAFETY: Ours, by the type invariants, and not used after this.
            unsafe { bindings::sock_release(socket.as_ptr()) };
        }
    }
}

/// A field that the kernel sets.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    get: fn(&Side<'_>) -> u64,
    set: fn(&mut Side<'_>, u64),
}

/// Generates [`FIELDS`], and a constant for the index of each.
macro_rules! fields {
    (
        sock: { $($field:ident: $ty:ty = $($path:ident).+ $([$at:literal].$in:ident)?;)* }
        sample: { $($member:ident: $member_ty:ty;)* }
        rate: { $($rate:ident: $rate_ty:ty = $rate_member:ident;)* }
        flags: { $($flag:ident;)* }
        bits: { $($bit:ident, $owner:ident, $get:ident, $set:ident;)* }
    ) => {
        /// The index of each field.
        #[derive(Clone, Copy)]
        #[expect(non_camel_case_types, reason = "the kernel's names")]
        #[expect(dead_code, reason = "some are set by files only")]
        pub(crate) enum Index { $($field,)* $($member,)* $($rate,)* $($flag,)* $($bit,)* }

        /// What the kernel may set between callbacks: fields of the socket that algorithms read or
        /// write, and the members of the sample that `cong_control` gets.
        #[expect(clippy::cast_lossless, reason = "the fields have different types")]
        pub(crate) const FIELDS: &[Field] = &[
            $(Field {
                name: stringify!($field),
                // SAFETY: A `tcp_sock` that is ours, by the type invariants of `Side`.
                get: |side| unsafe {
                    addr_of!((*side.sock.as_ptr()).$($path).+ $([$at].$in)?).read() as u64
                },
                // SAFETY: As above.
                set: |side, value| unsafe {
                    addr_of_mut!((*side.sock.as_mut_ptr()).$($path).+ $([$at].$in)?)
                        .write(value as $ty)
                },
            },)*
            $(Field {
                name: stringify!($member),
                get: |side| side.sample.$member as u64,
                set: |side, value| side.sample.$member = value as $member_ty,
            },)*
            $(Field {
                name: stringify!($rate),
                get: |side| side.sample.$rate_member as u64,
                set: |side, value| side.sample.$rate_member = value as $rate_ty,
            },)*
            $(Field {
                name: stringify!($flag),
                get: |side| side.sample.$flag.into(),
                set: |side, value| side.sample.$flag = value != 0,
            },)*
            $(Field {
                name: stringify!($bit),
                // SAFETY: As above; the struct that has the bits begins the `tcp_sock`.
                get: |side| unsafe {
                    u64::from(bindings::$owner::$get(side.sock.as_ptr().cast()))
                },
                // SAFETY: As above.
                set: |side, value| unsafe {
                    bindings::$owner::$set(side.sock.as_mut_ptr().cast(), value as u8)
                },
            },)*
        ];
    };
}

fields! {
    sock: {
        snd_cwnd: u32 = snd_cwnd;
        snd_cwnd_cnt: u32 = snd_cwnd_cnt;
        snd_cwnd_clamp: u32 = snd_cwnd_clamp;
        snd_cwnd_stamp: u32 = snd_cwnd_stamp;
        snd_ssthresh: u32 = snd_ssthresh;
        prior_cwnd: u32 = prior_cwnd;
        prior_ssthresh: u32 = prior_ssthresh;
        max_packets_out: u32 = max_packets_out;
        packets_out: u32 = packets_out;
        retrans_out: u32 = retrans_out;
        sacked_out: u32 = sacked_out;
        lost_out: u32 = lost_out;
        lost: u32 = lost;
        snd_nxt: u32 = snd_nxt;
        rcv_tsval: u32 = rx_opt.rcv_tsval;
        rcv_tsecr: u32 = rx_opt.rcv_tsecr;
        snd_una: u32 = snd_una;
        rcv_nxt: u32 = rcv_nxt;
        lsndtime: u32 = lsndtime;
        tcp_mstamp: u64 = tcp_mstamp;
        tcp_clock_cache: u64 = tcp_clock_cache;
        tcp_wstamp_ns: u64 = tcp_wstamp_ns;
        srtt_us: u32 = srtt_us;
        min_rtt_us: u32 = rtt_min.s[0].v;
        mss_cache: u32 = mss_cache;
        delivered: u32 = delivered;
        delivered_mstamp: u64 = delivered_mstamp;
        delivered_ce: u32 = delivered_ce;
        app_limited: u32 = app_limited;
        ecn_flags: u8 = ecn_flags;
        ack_pending: u8 = inet_conn.icsk_ack.pending;
        tos: u8 = inet_conn.icsk_inet.tos;
        sk_state: u8 = inet_conn.icsk_inet.sk.__sk_common.skc_state;
        sk_txhash: u32 = inet_conn.icsk_inet.sk.sk_txhash;
        sk_pacing_rate: usize = inet_conn.icsk_inet.sk.sk_pacing_rate;
        sk_pacing_status: u32 = inet_conn.icsk_inet.sk.sk_pacing_status;
        sk_max_pacing_rate: usize = inet_conn.icsk_inet.sk.sk_max_pacing_rate;
        sk_pacing_shift: u8 = inet_conn.icsk_inet.sk.sk_pacing_shift;
        sk_gso_max_size: u32 = inet_conn.icsk_inet.sk.sk_gso_max_size;
    }
    sample: {
        prior_mstamp: u64;
        prior_delivered: u32;
        prior_delivered_ce: u32;
        interval_us: isize;
        rtt_us: isize;
        losses: i32;
        acked_sacked: u32;
        prior_in_flight: u32;
    }
    rate: {
        rs_delivered: i32 = delivered;
    }
    flags: {
        is_app_limited;
        is_ack_delayed;
    }
    bits: {
        is_cwnd_limited, tcp_sock, is_cwnd_limited_raw, set_is_cwnd_limited_raw;
        tcp_usec_ts, tcp_sock, tcp_usec_ts_raw, set_tcp_usec_ts_raw;
        icsk_ca_state, inet_connection_sock, icsk_ca_state_raw, set_icsk_ca_state_raw;
    }
}

/// What a callback gave, beside what it left in the socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    /// What it returned; 0 if it returns nothing or is not there.
    pub(crate) result: u64,
    /// `attr` and the bytes that `get_info` gave.
    pub(crate) info: (i32, [u64; 3]),
    /// By how much it increased the counters.
    pub(crate) counters: [u64; 5],
    /// The ACKs that it sent.
    pub(crate) acks: c::Acks,
}

/// A table and its socket.
///
/// # Invariants
///
/// `sock` is zeroed memory with a valid `sk_net`, a table that is `table`'s or was put in its place
/// by a callback, and valid values in what was written since. Nobody else knows it: whoever has the
/// `Side` owns the socket as if its lock were held.
pub(crate) struct Side<'t> {
    pub(crate) table: &'t Table,
    sock: KBox<MaybeUninit<bindings::tcp_sock>>,
    sample: bindings::rate_sample,
}

impl<'t> Side<'t> {
    /// A zeroed socket for the callbacks of `table`.
    pub(crate) fn new(table: &'t Table) -> Result<Self> {
        const { assert!(size_of::<bindings::tcp_sock>() % 8 == 0) };
        const { assert!(size_of::<bindings::tcp_cc_info>() <= size_of::<[u64; 3]>()) };
        let mut side = Self {
            table,
            sock: KBox::new_uninit(GFP_KERNEL | __GFP_ZERO)?,
            sample: Default::default(),
        };
        side.clear();
        Ok(side)
    }

    /// Forgets everything: the socket is zeroed, but for what a new one has.
    pub(crate) fn clear(&mut self) {
        self.words_mut().fill(0);
        self.sample = Default::default();
        let sk: *mut bindings::sock = self.sock.as_mut_ptr().cast();
        // SAFETY: `sk` begins the `tcp_sock`, which is zeroed and ours. `init_net` always exists;
        // its address is all that is taken.
        unsafe {
            (*sk).__sk_common.skc_net.net = addr_of_mut!(bindings::init_net);
            (*sk.cast::<bindings::inet_connection_sock>()).icsk_ca_ops = self.table.ops.as_ptr();
            c::may_send(sk);
        }
        for (index, value) in [
            (Index::snd_cwnd, 10),
            (Index::snd_cwnd_clamp, u32::MAX.into()),
            (Index::snd_ssthresh, i32::MAX as u64),
            (Index::is_cwnd_limited, 1),
            (Index::sk_state, 1),
            (Index::ecn_flags, 1),
            (Index::min_rtt_us, u32::MAX.into()),
            (Index::sk_max_pacing_rate, u64::MAX),
            (Index::sk_pacing_shift, 10),
        ] {
            self.set(index, value);
        }
    }

    /// Makes the socket equal to another.
    pub(crate) fn copy_from(&mut self, other: &Side<'_>) {
        self.words_mut().copy_from_slice(other.words());
        self.sample = other.sample;
    }

    /// Gives the socket the table back that is its own.
    pub(crate) fn use_own_table(&mut self) {
        let ops = self.table.ops.as_ptr();
        // SAFETY: A `tcp_sock` that is ours, by the type invariants.
        unsafe { (*self.sock.as_mut_ptr()).inet_conn.icsk_ca_ops = ops };
    }

    /// The table that the socket has now.
    fn ops(&self) -> &bindings::tcp_congestion_ops {
        // SAFETY: A table that is there as long as `table`, by the type invariants of both.
        unsafe { &*(*self.sock.as_ptr()).inet_conn.icsk_ca_ops }
    }

    /// Whether the socket has another table than its own.
    pub(crate) fn has_fallen_back(&self) -> bool {
        !core::ptr::eq(self.ops(), self.table.ops())
    }

    /// Whether the sockets are equal. Where their tables are does not matter, but whether they have
    /// fallen back does.
    pub(crate) fn equals(&self, other: &Side<'_>) -> bool {
        let (a, b) = (self.words(), other.words());
        a[..OPS_WORD] == b[..OPS_WORD]
            && a[OPS_WORD + 1..] == b[OPS_WORD + 1..]
            && self.has_fallen_back() == other.has_fallen_back()
    }

    /// The words in which the sockets are not equal.
    pub(crate) fn differences<'s>(
        &'s self,
        other: &'s Side<'_>,
    ) -> impl Iterator<Item = usize> + 's {
        let fall_back = self.has_fallen_back() != other.has_fallen_back();
        let pairs = self.words().iter().zip(other.words()).enumerate();
        pairs.filter_map(move |(i, (a, b))| {
            let differs = if i == OPS_WORD { fall_back } else { a != b };
            differs.then_some(i)
        })
    }

    /// All bytes of the socket.
    fn words(&self) -> &[u64] {
        // SAFETY: Initialised by the type invariants, so long, and aligned to more than 8.
        unsafe { core::slice::from_raw_parts(self.sock.as_ptr().cast(), SOCK_WORDS) }
    }

    /// All bytes of the socket.
    fn words_mut(&mut self) -> &mut [u64] {
        // SAFETY: As in `words`.
        unsafe { core::slice::from_raw_parts_mut(self.sock.as_mut_ptr().cast(), SOCK_WORDS) }
    }

    /// The value of a field.
    pub(crate) fn get(&self, field: Index) -> u32 {
        (FIELDS[field as usize].get)(self) as u32
    }

    /// Sets a field.
    pub(crate) fn set(&mut self, field: Index, value: u64) {
        (FIELDS[field as usize].set)(self, value);
    }

    /// The value of [`FIELDS`]`[index]`.
    pub(crate) fn field(&self, index: usize) -> u64 {
        (FIELDS[index].get)(self)
    }

    /// The word `index` of the algorithm's state.
    pub(crate) fn state(&self, index: usize) -> u32 {
        // SAFETY: A `tcp_sock` by the type invariants, whose state has so many words.
        unsafe {
            addr_of!((*self.sock.as_ptr()).inet_conn.icsk_ca_priv)
                .cast::<[u32; STATE_WORDS]>()
                .read()[index]
        }
    }

    /// Sets the word `index` of the algorithm's state.
    pub(crate) fn set_state(&mut self, index: usize, value: u32) {
        // SAFETY: As in `state`.
        unsafe {
            (*addr_of_mut!((*self.sock.as_mut_ptr()).inet_conn.icsk_ca_priv)
                .cast::<[u32; STATE_WORDS]>())[index] = value
        }
    }

    /// The address of the callback for `event`; 0 if the table has none.
    pub(crate) fn address(&self, event: Kind) -> usize {
        let ops = self.ops();
        macro_rules! address {
            (
                [$($bpf:ident $bpf_args:tt $(-> $bpf_ret:ty)?;)*]
                [$($other:ident $args:tt -> $ret:ty;)*]
            ) => {
                match event {
                    Kind::Clock | Kind::Set | Kind::State => 0,
                    $(Kind::$bpf => ops.$bpf.map_or(0, |callback| callback as usize),)*
                    $(Kind::$other => ops.$other.map_or(0, |callback| callback as usize),)*
                }
            };
        }
        tcp_cc_backend::raw_tcp_congestion_ops!(address)
    }

    /// Has `event` happen. For use in [`c::at`], if it is a callback.
    pub(crate) fn apply(&mut self, event: &Event) -> Given {
        match event.kind {
            Kind::Clock => Given::default(),
            Kind::Set => {
                (FIELDS[event.arguments[0] as usize].set)(self, event.arguments[1]);
                Given::default()
            }
            Kind::State => {
                self.set_state(event.arguments[0] as usize, event.word(1));
                Given::default()
            }
            _ => {
                c::acks();
                let before = c::counters();
                let mut given = self.call(event);
                let after = c::counters();
                given.acks = c::acks();
                for (i, counter) in given.counters.iter_mut().enumerate() {
                    *counter = after[i].wrapping_sub(before[i]);
                }
                given
            }
        }
    }

    /// Calls the callback, and does with its result what the kernel does.
    fn call(&mut self, event: &Event) -> Given {
        let given = self.invoke(event);
        let result = given.result;
        match event.kind {
            Kind::ssthresh => self.set(Index::snd_ssthresh, result),
            Kind::undo_cwnd if 0 < result && result <= i32::MAX as u64 => {
                self.set(Index::snd_cwnd, result);
            }
            Kind::set_state => self.set(Index::icsk_ca_state, event.arguments[0] & 7),
            _ => {}
        }
        given
    }

    /// Calls the callback, and no more.
    #[inline(never)]
    pub(crate) fn invoke(&mut self, event: &Event) -> Given {
        let mut given = Given::default();
        let sk: *mut bindings::sock = self.sock.as_mut_ptr().cast();
        // As the kernel does, through the socket.
        let ops = self.ops();
        let acked = bindings::ack_sample {
            pkts_acked: event.word(0),
            rtt_us: event.word(1) as i32,
            in_flight: event.word(2),
        };
        let mut arguments = Arguments {
            words: event.arguments.iter(),
            acked: &acked,
            rate: &self.sample,
            attr: &mut given.info.0,
            info: given.info.1.as_mut_ptr().cast(),
        };
        macro_rules! call {
            (
                [$($bpf:ident($($bpf_arg:ident: $bpf_raw:ty),*) $(-> $bpf_ret:ty)?;)*]
                [$($other:ident($($arg:ident: $raw:ty),*) -> $ret:ty;)*]
            ) => {
                // SAFETY: By the invariants of `Table` and of this type. The samples and the places
                // for the answers live during the call.
                unsafe {
                    match event.kind {
                        Kind::Clock | Kind::Set | Kind::State => 0,
                        $(Kind::$bpf => ops.$bpf.map_or(0, |callback| {
                            $(let $bpf_arg = <$bpf_raw as Argument>::take(&mut arguments);)*
                            Returned::from(callback(sk $(, $bpf_arg)*)).0
                        }),)*
                        $(Kind::$other => ops.$other.map_or(0, |callback| {
                            $(let $arg = <$raw as Argument>::take(&mut arguments);)*
                            Returned::from(callback(sk $(, $arg)*)).0
                        }),)*
                    }
                }
            };
        }
        given.result = tcp_cc_backend::raw_tcp_congestion_ops!(call);
        given
    }
}

/// Where a callback's arguments come from.
struct Arguments<'a> {
    words: core::slice::Iter<'a, u64>,
    acked: *const RawAckSample,
    rate: *const RawRateSample,
    attr: *mut i32,
    info: *mut RawCcInfo,
}

/// An argument of a callback.
trait Argument {
    /// The next one.
    fn take(from: &mut Arguments<'_>) -> Self;
}

/// Implements [`Argument`].
macro_rules! arguments {
    ($($raw:ty = |$from:ident| $take:expr;)*) => {
        $(impl Argument for $raw {
            #[inline]
            fn take($from: &mut Arguments<'_>) -> Self {
                $take
            }
        })*
    };
}

arguments! {
    u32 = |from| from.words.next().copied().unwrap_or(0) as u32;
    u8 = |from| u32::take(from) as u8;
    i32 = |from| u32::take(from) as i32;
    RawEvent = |from| bindings::tcp_ca_event(u32::take(from));
    *const RawAckSample = |from| from.acked;
    *const RawRateSample = |from| from.rate;
    *mut i32 = |from| from.attr;
    *mut RawCcInfo = |from| from.info;
}

/// The result of a callback as a number; 0 if there is none.
struct Returned(u64);

impl From<()> for Returned {
    fn from((): ()) -> Self {
        Self(0)
    }
}

impl From<u32> for Returned {
    fn from(number: u32) -> Self {
        Self(number.into())
    }
}

impl From<usize> for Returned {
    fn from(number: usize) -> Self {
        Self(number as u64)
    }
}
