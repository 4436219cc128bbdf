// SPDX-License-Identifier: GPL-2.0-only

//! The socket, as a congestion control sees it.

use crate::{
    context::{
        Context,
        Event,
        Init,
        Locked,
        Reroute,
        Unlocked, //
    },
    state,
    units::FromKernel,
    Acked,
    AnyBytes,
    Bytes,
    Bytes64,
    BytesPerSec,
    CaState,
    CongestionControl,
    Cwnd,
    Jiffies32,
    Mib,
    Micros64,
    Nanos64,
    Packets,
    SeqNo,
    Ssthresh,
    Timestamp,
    Usecs,
    Usecs32,
    Usecs64, //
};
use core::{
    marker::PhantomData,
    ops::{
        Deref,
        DerefMut, //
    },
};
use ferrops_core::{
    cold_call,
    Opaque, //
};
use tcp_cc_backend::{
    self as backend,
    Interface,
    Target, //
};

/// A TCP socket, for the time of one callback.
///
/// It is only ever seen behind a reference, and is the kernel's socket itself: `&mut Sock` is the
/// `struct sock *` of C. `Ctx` says what the callback may do with it: see
/// [`context`](crate::context).
///
/// The getters are the fields that algorithms read, under their kernel names. The setters are only
/// those that the BPF verifier allows a congestion control, each with the check that the kernel's
/// inline function has, or with that check in the type of what is set (contract 12, 13).
///
/// # Invariants
///
/// A reference is to a valid, full TCP socket (`struct tcp_sock`), not a request or time-wait one.
/// Unless `Ctx` is [`Unlocked`], the socket's lock is held while the reference is in use, and
/// whoever has the reference is the one who runs under it (contract 5); then no field changes but
/// by calls of this type and of the kernel's functions behind them, except for those that are
/// marked `shared` (contract 20).
///
/// The algorithm's state lies inside the socket (contract 14). The reference does not exclude a
/// reference to the state: `Opaque` is what makes both possible.
#[repr(transparent)]
pub struct Sock<Ctx: Context = Locked> {
    raw: Opaque<backend::TcpSock>,
    _context: PhantomData<Ctx>,
}

/// Splits the socket that the kernel passes to a callback, and the state inside it.
///
/// # Safety
///
/// For `'a`, `sk` must be a socket as the type invariants of [`Sock`] want it, on which `Ctx` may
/// be used, and nothing else may borrow the algorithm's state.
#[inline(always)]
pub(crate) unsafe fn split<'a, Ctx: Context, S: AnyBytes>(
    sk: *mut backend::RawSock,
) -> (&'a mut Sock<Ctx>, &'a mut S) {
    const { state::assert_fits::<S>() };
    // SAFETY: By this function's contract. `icsk_ca_priv` has room for an `S`, as was just
    // asserted, is aligned to 8 and, by the contract of `AnyBytes`, valid with any bytes (contract
    // 1, 14).
    unsafe { (Sock::from_raw(sk), &mut *Target::ca_priv(sk).cast()) }
}

/// Reads a field of a socket: as often as the compiler likes if it is locked, else once.
macro_rules! read {
    ($sk:ident, $field:ident) => {{
        let sk = $sk.as_raw();
        // SAFETY: A valid socket by the type invariants, and locked where it is said to be.
        unsafe {
            if Ctx::IS_LOCKED {
                backend::$field(sk)
            } else {
                backend::once::$field(sk)
            }
        }
    }};
}

impl<Ctx: Context> Sock<Ctx> {
    /// The socket itself.
    #[inline(always)]
    pub fn as_raw(&self) -> *mut backend::RawSock {
        Opaque::raw_get(&raw const self.raw).cast()
    }

    /// The socket that the kernel passes to a callback.
    ///
    /// # Safety
    ///
    /// For `'a`, `raw` must be a socket as the type invariants want it, and `Ctx` a context whose
    /// operations the caller may use: for [`Init`] and [`Event`] the state must be an `S` that
    /// nothing else borrows.
    #[inline(always)]
    pub unsafe fn from_raw<'a>(raw: *mut backend::RawSock) -> &'a mut Self {
        // INVARIANT: By the safety requirements.
        // SAFETY: `Sock` is transparent over a `tcp_sock`, which the socket is, and its reference
        // asks nothing of the bytes.
        unsafe { &mut *raw.cast() }
    }

    /// The same socket, to be read without a claim to its lock.
    #[inline(always)]
    pub fn as_unlocked(&self) -> &Sock<Unlocked> {
        // INVARIANT: `Unlocked` wants no more than any other context.
        // SAFETY: By the type invariants; as in `from_raw`.
        unsafe { &*self.as_raw().cast() }
    }

    /// Returns the smoothed RTT, to a microsecond; `None` before the first sample (`srtt_us >> 3`).
    #[inline]
    pub fn srtt(&self) -> Option<Usecs> {
        let eighths = read!(self, srtt_us);
        (eighths != 0).then_some(Usecs::new((eighths >> 3) as i32))
    }

    /// Returns the mean deviation of the RTT, to a microsecond (`mdev_us >> 2`).
    #[inline]
    pub fn mdev(&self) -> Usecs {
        Usecs::new((read!(self, mdev_us) >> 2) as i32)
    }

    /// Returns the least RTT of the last `net.ipv4.tcp_min_rtt_wlen` seconds (`tcp_min_rtt()`);
    /// `None` before the first sample.
    #[inline]
    pub fn min_rtt(&self) -> Option<Usecs64> {
        let us = read!(self, min_rtt_us);
        (us != u32::MAX).then_some(Usecs64::new(us.into()))
    }
}

/// Generates the getters and setters of the fields that are listed with a quantity.
macro_rules! accessors {
    ($(
        $(#[$doc:meta])*
        $get:ident $(/ $set:ident)?: $ty:ty $(as $quantity:ty)?
            = $struct:ident, $member:tt $(, $shared:ident)?;
    )*) => {
        impl<Ctx: Context> Sock<Ctx> {
            $(accessors! { @get $(#[$doc])* $get $(as $quantity)? })*
        }

        impl Sock {
            $(accessors! { @set $get $(/ $set)? $(as $quantity)? })*
        }
    };
    (@get $(#[$doc:meta])* $get:ident as $quantity:ty) => {
        $(#[$doc])*
        #[inline]
        pub fn $get(&self) -> $quantity {
            FromKernel::from_kernel(read!(self, $get))
        }
    };
    (@set $get:ident / $set:ident as $quantity:ty) => {
        #[doc = concat!("Sets [`", stringify!($get), "`](Self::", stringify!($get), ").")]
        #[inline]
        pub fn $set(&mut self, value: $quantity) {
            // SAFETY: A valid, locked socket by the type invariants (contract 5).
            unsafe { backend::$set(self.as_raw(), value.get()) }
        }
    };
    (@$accessor:ident $($for_methods:tt)*) => {};
}

backend::sock_fields!(accessors);

impl Sock {
    /// Packets that are assumed to be in the network (`tcp_packets_in_flight()`).
    #[inline]
    pub fn packets_in_flight(&self) -> Packets {
        self.packets_out() - (self.sacked_out() + self.lost_out()) + self.retrans_out()
    }

    /// The congestion state.
    #[inline]
    pub fn ca_state(&self) -> CaState {
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        CaState::from_raw(unsafe { Target::ca_state(self.as_raw()) })
    }

    /// Whether the kernel is reducing the window (`tcp_in_cwnd_reduction()`).
    #[inline]
    pub fn in_cwnd_reduction(&self) -> bool {
        matches!(self.ca_state(), CaState::CWR | CaState::RECOVERY)
    }

    /// The threshold, or three quarters of the window if that is more and the kernel is not
    /// reducing it (`tcp_current_ssthresh()`).
    #[inline]
    pub fn current_ssthresh(&self) -> Ssthresh {
        let ssthresh = self.snd_ssthresh();
        if self.in_cwnd_reduction() {
            return ssthresh;
        }
        let cwnd = self.snd_cwnd();
        let three_quarters = (cwnd >> 1) + (cwnd >> 2);
        if ssthresh.packets() < three_quarters {
            Ssthresh::clamped(three_quarters)
        } else {
            ssthresh
        }
    }

    /// The timestamp of a packet that is sent now (`tcp_time_stamp_ts()`).
    #[inline]
    pub fn tcp_time_stamp(&self) -> Timestamp {
        let usecs = self.tcp_mstamp().get();
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        let is_usecs = unsafe { Target::tcp_usec_ts(self.as_raw()) };
        Timestamp::new(if is_usecs { usecs } else { usecs / 1_000 } as u32)
    }

    /// Whether the last packet had a timestamp: only then [`rcv_tsval`](Self::rcv_tsval) and
    /// [`rcv_tsecr`](Self::rcv_tsecr) are its.
    #[inline]
    pub fn saw_tstamp(&self) -> bool {
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe { Target::saw_tstamp(self.as_raw()) }
    }

    /// Sets the [upper bound](Self::snd_cwnd_clamp) of the window, as a window: slow start would
    /// take it down to a bound of 0. In a BPF object the bound stays as it is.
    #[inline]
    pub fn set_snd_cwnd_clamp(&mut self, clamp: Cwnd) {
        // SAFETY: A valid, locked socket by the type invariants (contract 5), and not 0.
        unsafe { Target::set_snd_cwnd_clamp(self.as_raw(), clamp.get()) }
    }

    /// Whether the socket is closed or listens, and so has no connection. The kernel calls no
    /// `init` then; a BPF program that calls `init` as a kfunc may.
    #[inline]
    pub fn is_unconnected(&self) -> bool {
        const TCP_CLOSE: u8 = 7;
        const TCP_LISTEN: u8 = 10;
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        let state = unsafe { backend::sk_state(self.as_raw()) };
        matches!(state, TCP_CLOSE | TCP_LISTEN)
    }

    /// Whether the two ends have agreed on ECN, accurate or not (`tcp_ecn_mode_any()`).
    #[inline]
    pub fn has_ecn(&self) -> bool {
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe { backend::ecn_flags(self.as_raw()) & Target::ECN_MODE_ANY != 0 }
    }

    /// Whether the socket is paced, by TCP itself or by the `fq` qdisc.
    #[inline]
    pub fn is_paced(&self) -> bool {
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe { backend::sk_pacing_status(self.as_raw()) != 0 }
    }

    /// Whether the window is below the slow start threshold (`tcp_in_slow_start()`).
    #[inline]
    pub fn in_slow_start(&self) -> bool {
        self.snd_cwnd() < self.snd_ssthresh().packets()
    }

    /// Whether the window, and not the application, limits sending (`tcp_is_cwnd_limited()`).
    #[inline]
    pub fn is_cwnd_limited(&self) -> bool {
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        if unsafe { Target::cwnd_limited(self.as_raw()) } {
            return true;
        }
        // In slow start the window may grow to twice what was in use.
        self.in_slow_start() && self.snd_cwnd() < self.max_packets_out() * 2
    }

    /// Sets the pacing rate, up to [`sk_max_pacing_rate`](Self::sk_max_pacing_rate).
    #[inline]
    pub fn set_sk_pacing_rate(&mut self, rate: BytesPerSec) {
        let rate = rate.min(self.sk_max_pacing_rate());
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe { Target::set_sk_pacing_rate(self.as_raw(), rate.get()) }
    }

    /// Has TCP pace the socket, if the `fq` qdisc does not.
    #[inline]
    pub fn request_pacing(&mut self) {
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe { Target::request_pacing(self.as_raw()) }
    }

    /// Has ACKs echo congestion (ECE) until the other end has reduced its window, or no longer
    /// (`TCP_ECN_DEMAND_CWR`).
    #[inline]
    pub fn set_demand_cwr(&mut self, on: bool) {
        const TCP_ECN_DEMAND_CWR: u8 = 1 << 2;
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe {
            let others = backend::ecn_flags(self.as_raw()) & !TCP_ECN_DEMAND_CWR;
            let bit = if on { TCP_ECN_DEMAND_CWR } else { 0 };
            backend::set_ecn_flags(self.as_raw(), others | bit);
        }
    }

    /// Whether an ACK is being delayed (`ICSK_ACK_TIMER`).
    #[inline]
    pub fn is_ack_delayed(&self) -> bool {
        const ICSK_ACK_TIMER: u8 = 2;
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe { backend::ack_pending(self.as_raw()) & ICSK_ACK_TIMER != 0 }
    }

    /// Has the next ACK sent without delay, once (`ICSK_ACK_NOW`).
    #[inline]
    pub fn ack_now(&mut self) {
        const ICSK_ACK_NOW: u8 = 16;
        let sk = self.as_raw();
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe { backend::set_ack_pending(sk, backend::ack_pending(sk) | ICSK_ACK_NOW) }
    }

    /// Grows the window by `acked` packets, but not beyond the slow start threshold
    /// (`tcp_slow_start()`).
    ///
    /// Returns how many of `acked` are left for congestion avoidance: all of them outside slow
    /// start.
    #[inline]
    pub fn slow_start(&mut self, acked: Acked) -> Acked {
        // C would take a window above the threshold down to it.
        if !self.in_slow_start() {
            return acked;
        }
        // SAFETY: A valid, locked socket by the type invariants (contract 5), and in slow start.
        FromKernel::from_kernel(unsafe { Target::slow_start(self.as_raw(), acked.get()) })
    }

    /// Slow start, if the connection is in it, and `rest` with the packets that it leaves of
    /// `acked`, if any.
    ///
    /// The same as [`slow_start`](Self::slow_start) and a condition, for a short `rest`: there is
    /// one copy of it for each case, so that congestion avoidance saves no registers for slow start
    /// (of Reno's 27 instructions in C, 29 here and 31 without it).
    #[inline(always)]
    pub fn slow_start_then(&mut self, acked: Acked, rest: impl FnOnce(&mut Self, Acked)) {
        if !self.in_slow_start() {
            return rest(self, acked);
        }
        cold_call(move || {
            // SAFETY: A valid, locked socket by the type invariants (contract 5), and in slow
            // start.
            let left = unsafe { Target::slow_start(self.as_raw(), acked.get()) };
            if left != 0 {
                rest(self, FromKernel::from_kernel(left));
            }
        });
    }

    /// Grows the window by one packet for every `w` of the packets acknowledged
    /// (`tcp_cong_avoid_ai()`). A `w` of 0 is taken as 1.
    ///
    /// A window of 2^30 packets or more, a terabyte in flight, does not grow; nor does one of 0.
    #[inline]
    pub fn cong_avoid_ai(&mut self, w: impl Into<Packets>, acked: Acked) {
        // C adds without a check, and again and again the window would wrap to 0, by which the
        // kernel divides.
        if !(1..1 << 30).contains(&self.snd_cwnd().get()) {
            return;
        }
        // SAFETY: A valid, locked socket by the type invariants (contract 5), and the divisor is
        // not 0.
        unsafe { Target::cong_avoid_ai(self.as_raw(), w.into().get().max(1), acked.get()) }
    }

    /// Adds to a counter of the socket's network namespace (`NET_ADD_STATS()`).
    #[inline]
    pub fn add_stats(&mut self, mib: Mib, value: u32) {
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe { Target::add_stats(self.as_raw(), mib, value) }
    }
}

/// Lends a socket as one that is only [`Locked`].
macro_rules! lends_locked {
    ($([$($params:tt)*] $context:ty;)*) => { $(
        impl $($params)* Deref for Sock<$context> {
            type Target = Sock;

            #[inline(always)]
            fn deref(&self) -> &Sock {
                // INVARIANT: `Locked` wants no more than this context.
                // SAFETY: By the type invariants; as in `from_raw`.
                unsafe { &*self.as_raw().cast() }
            }
        }

        impl $($params)* DerefMut for Sock<$context> {
            #[inline(always)]
            fn deref_mut(&mut self) -> &mut Sock {
                // INVARIANT: As in `deref`.
                // SAFETY: By the type invariants, and borrowed from `self`.
                unsafe { Sock::from_raw(self.as_raw()) }
            }
        }
    )* };
}

lends_locked! {
    [] Reroute;
    [<S: AnyBytes>] Init<S>;
    [<S: AnyBytes>] Event<S>;
}

/// Lets a socket lend the algorithm's state, while it can do no more than `lent`.
macro_rules! lends_state {
    ($($context:ident lends $lent:ident;)*) => { $(
        impl<S: AnyBytes> Sock<$context<S>> {
            /// The algorithm's state.
            #[inline(always)]
            pub fn state(&self) -> &S {
                // SAFETY: Nothing borrows the state but through `self`, by the contract of
                // `from_raw`, and it is borrowed from `self` again.
                unsafe { split::<$lent, S>(self.as_raw()) }.1
            }

            /// The algorithm's state, to be changed.
            #[inline(always)]
            pub fn state_mut(&mut self) -> &mut S {
                self.split().1
            }

            /// The socket and the algorithm's state beside it, in which nothing can change the
            /// other or call back into the algorithm.
            #[inline(always)]
            pub fn split(&mut self) -> (&mut Sock<$lent>, &mut S) {
                // SAFETY: Nothing borrows the state but through `self`, by the contract of
                // `from_raw`, and it is borrowed from `self` again.
                unsafe { split(self.as_raw()) }
            }
        }
    )* };
}

lends_state! {
    Init lends Locked;
    Event lends Reroute;
}

impl<S: AnyBytes> Sock<Init<S>> {
    /// Replaces this algorithm on this socket by `A`, which need not be registered, and says
    /// whether it did. DCTCP falls back to Reno so when the other end does not support ECN.
    ///
    /// `A` takes over the state as it is. It does not if the socket belongs to an algorithm of
    /// another module: a BPF program may call `init` on one of its own sockets. Then the algorithm
    /// goes on, so it should still set its state up (contract 15).
    ///
    /// In a BPF object the kernel's Reno takes over, whatever `A` is: `release` is called, and the
    /// state cleared, before this returns (`bpf_setsockopt(TCP_CONGESTION)`). It does not if the
    /// route locks the algorithm (`ip route ... congctl lock`), or if another program is just
    /// choosing this one with `bpf_setsockopt()`.
    #[inline]
    pub fn fall_back_to<A: CongestionControl>(&mut self) -> bool {
        const {
            assert!(
                A::OPS.optional.init.is_none(),
                "the algorithm that is fallen back to is not initialised: it must not have `init`"
            )
        };
        // SAFETY: A valid, locked socket by the type invariants (contract 5), whose state is not
        // borrowed, and a table of this module.
        unsafe { Target::replace_ops(self.as_raw(), const { &crate::callbacks::table::<A>() }) }
    }

    /// Asks the sock_ops programs of the socket's cgroup for the RTT of the path without a queue
    /// (`BPF_SOCK_OPS_BASE_RTT`); `None` if none knows, and in a BPF object.
    #[inline]
    pub fn base_rtt(&mut self) -> Option<Usecs32> {
        // SAFETY: A valid, locked socket by the type invariants (contract 5), whose state is not
        // borrowed.
        let base_rtt = unsafe { Target::base_rtt(self.as_raw()) };
        (base_rtt > 0).then_some(Usecs32::new(base_rtt as u32))
    }

    /// No longer marks packets as ECN capable (`INET_ECN_dontxmit()`).
    ///
    /// The kernel does so itself after `init`, unless the socket's table, which may have been
    /// replaced by then, needs ECN. In a BPF object only the kernel does.
    #[inline]
    pub fn clear_ect(&mut self) {
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe { Target::ecn_dontxmit(self.as_raw()) }
    }
}

impl<S: AnyBytes> Sock<Event<S>> {
    /// Sends an ACK of everything before `rcv_nxt` at once (`__tcp_send_ack()`).
    ///
    /// If the device's queue drops it, the kernel reduces the window: `ssthresh` and `set_state` of
    /// this algorithm run before this returns, and change the state (contract 19).
    #[inline]
    pub fn send_ack(&mut self, rcv_nxt: SeqNo) {
        // SAFETY: A valid, locked socket by the type invariants (contract 5), whose state is not
        // borrowed. In an event that is not reached from here again.
        unsafe { Target::send_ack(self.as_raw(), rcv_nxt.get()) }
    }
}
