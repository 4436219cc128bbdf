// SPDX-License-Identifier: GPL-2.0-only

//! The socket, as a congestion control sees it.

use crate::{
    seldom,
    Acked,
    BytesPerSec,
    CaState,
    CongestionControl,
    Cwnd,
    Jiffies32,
    Micros64,
    Packets,
    Ssthresh,
    State,
    Usecs, //
};
use core::{
    marker::PhantomData,
    ops::{
        Deref,
        DerefMut, //
    },
};
use tcp_cc_backend as backend;

pub use backend::Mib;

/// A TCP socket, for the time of one callback.
///
/// The getters are the fields that algorithms read, under their kernel names. The setters are only
/// those that the BPF verifier allows a congestion control, each with the check that the kernel's
/// inline function has, or with that check in the type of what is set.
///
/// The state of the algorithm lives inside the socket, so this is a pointer and never a reference
/// to the whole.
///
/// Some operations are offered in some callbacks only, which get an [`InitSock`] or an
/// [`EventSock`].
///
/// # Invariants
///
/// For `'a`, `raw` is a valid, full TCP socket that the current callback owns: its lock is held,
/// and nobody else writes to it.
pub struct Sock<'a> {
    raw: *mut backend::RawSock,
    _borrow: PhantomData<&'a mut backend::RawSock>,
}

impl Sock<'_> {
    /// The socket itself.
    #[inline]
    pub fn as_raw(&self) -> *mut backend::RawSock {
        self.raw
    }

    /// Wraps the socket that the kernel passes to a callback.
    ///
    /// # Safety
    ///
    /// `raw` must be a valid, full TCP socket that the caller owns while the returned value is in
    /// use. Nothing that this type reads or writes may be borrowed by a reference meanwhile.
    #[inline]
    pub unsafe fn from_raw(raw: *mut backend::RawSock) -> Self {
        // INVARIANT: By the safety requirements.
        Self {
            raw,
            _borrow: PhantomData,
        }
    }

    /// The congestion window.
    #[inline]
    pub fn snd_cwnd(&self) -> Cwnd {
        // SAFETY: Valid and owned by the type invariants.
        Cwnd::of_kernel(unsafe { backend::snd_cwnd(self.raw) })
    }

    /// The congestion window before the last reduction; 0 if there was none.
    ///
    /// To go back to it, see [`reno::undo_cwnd`](crate::reno::undo_cwnd).
    #[inline]
    pub fn prior_cwnd(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::prior_cwnd(self.raw) })
    }

    /// The linear increase counter: packets acknowledged since the window last grew by one.
    #[inline]
    pub fn snd_cwnd_cnt(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::snd_cwnd_cnt(self.raw) })
    }

    /// The upper bound of the window.
    #[inline]
    pub fn snd_cwnd_clamp(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::snd_cwnd_clamp(self.raw) })
    }

    /// The slow start threshold.
    #[inline]
    pub fn snd_ssthresh(&self) -> Ssthresh {
        // SAFETY: Valid and owned by the type invariants.
        Ssthresh::of_kernel(unsafe { backend::snd_ssthresh(self.raw) })
    }

    /// The slow start threshold before the last reduction.
    #[inline]
    pub fn prior_ssthresh(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::prior_ssthresh(self.raw) })
    }

    /// The most packets that were out in the last RTT.
    #[inline]
    pub fn max_packets_out(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::max_packets_out(self.raw) })
    }

    /// Packets that were sent and are not yet acknowledged.
    #[inline]
    pub fn packets_out(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::packets_out(self.raw) })
    }

    /// Packets that are out a second time.
    #[inline]
    pub fn retrans_out(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::retrans_out(self.raw) })
    }

    /// Packets that were SACKed.
    #[inline]
    pub fn sacked_out(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::sacked_out(self.raw) })
    }

    /// Packets that are held to be lost.
    #[inline]
    pub fn lost_out(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::lost_out(self.raw) })
    }

    /// Packets that were ever marked lost, retransmits included. Wraps.
    #[inline]
    pub fn lost(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::lost(self.raw) })
    }

    /// Packets that were ever retransmitted. Wraps.
    #[inline]
    pub fn total_retrans(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::total_retrans(self.raw) })
    }

    /// Packets that were ever delivered, retransmits included. Wraps.
    #[inline]
    pub fn delivered(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::delivered(self.raw) })
    }

    /// Those of [`delivered`](Self::delivered) that came with an ECN mark. Wraps.
    #[inline]
    pub fn delivered_ce(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::delivered_ce(self.raw) })
    }

    /// [`delivered`](Self::delivered) below which the application limited the sender; 0 if none
    /// did.
    #[inline]
    pub fn app_limited(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::app_limited(self.raw) })
    }

    /// How far packets are held to be reordered.
    #[inline]
    pub fn reordering(&self) -> Packets {
        // SAFETY: Valid and owned by the type invariants.
        Packets::new(unsafe { backend::reordering(self.raw) })
    }

    /// The next sequence number to send.
    #[inline]
    pub fn snd_nxt(&self) -> SeqNo {
        // SAFETY: Valid and owned by the type invariants.
        SeqNo::new(unsafe { backend::snd_nxt(self.raw) })
    }

    /// The first byte that is not yet acknowledged.
    #[inline]
    pub fn snd_una(&self) -> SeqNo {
        // SAFETY: Valid and owned by the type invariants.
        SeqNo::new(unsafe { backend::snd_una(self.raw) })
    }

    /// The end of what the application has written.
    #[inline]
    pub fn write_seq(&self) -> SeqNo {
        // SAFETY: Valid and owned by the type invariants.
        SeqNo::new(unsafe { backend::write_seq(self.raw) })
    }

    /// [`snd_nxt`](Self::snd_nxt) when the current recovery began: the high-water mark.
    #[inline]
    pub fn high_seq(&self) -> SeqNo {
        // SAFETY: Valid and owned by the type invariants.
        SeqNo::new(unsafe { backend::high_seq(self.raw) })
    }

    /// The next sequence number that is expected.
    #[inline]
    pub fn rcv_nxt(&self) -> SeqNo {
        // SAFETY: Valid and owned by the type invariants.
        SeqNo::new(unsafe { backend::rcv_nxt(self.raw) })
    }

    /// When data was last sent.
    #[inline]
    pub fn lsndtime(&self) -> Jiffies32 {
        // SAFETY: Valid and owned by the type invariants.
        Jiffies32::new(unsafe { backend::lsndtime(self.raw) })
    }

    /// When the window was last validated or changed.
    #[inline]
    pub fn snd_cwnd_stamp(&self) -> Jiffies32 {
        // SAFETY: Valid and owned by the type invariants.
        Jiffies32::new(unsafe { backend::snd_cwnd_stamp(self.raw) })
    }

    /// The maximum segment size, in bytes.
    #[inline]
    pub fn mss_cache(&self) -> u32 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::mss_cache(self.raw) }
    }

    /// The largest packet that may be handed to the device, in bytes.
    #[inline]
    pub fn gso_max_size(&self) -> u32 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::sk_gso_max_size(self.raw) }
    }

    /// How much may be queued below TCP: `pacing_rate >> pacing_shift` bytes.
    #[inline]
    pub fn pacing_shift(&self) -> u8 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::sk_pacing_shift(self.raw) }
    }

    /// The clock as last read, in nanoseconds.
    #[inline]
    pub fn tcp_clock_cache(&self) -> u64 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::tcp_clock_cache(self.raw) }
    }

    /// When the next packet may leave, in nanoseconds.
    #[inline]
    pub fn tcp_wstamp_ns(&self) -> u64 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::tcp_wstamp_ns(self.raw) }
    }

    /// When [`delivered`](Self::delivered) last grew.
    #[inline]
    pub fn delivered_mstamp(&self) -> Micros64 {
        // SAFETY: Valid and owned by the type invariants.
        Micros64::new(unsafe { backend::delivered_mstamp(self.raw) })
    }

    /// The time of the packet that is being sent or received.
    #[inline]
    pub fn mstamp(&self) -> Micros64 {
        // SAFETY: Valid and owned by the type invariants.
        Micros64::new(unsafe { backend::tcp_mstamp(self.raw) })
    }

    /// The smoothed RTT, to a microsecond; `None` before the first sample.
    #[inline]
    pub fn srtt(&self) -> Option<Usecs> {
        // SAFETY: Valid and owned by the type invariants.
        let eighths = unsafe { backend::srtt_us(self.raw) };
        (eighths != 0).then_some(Usecs::new((eighths >> 3) as i32))
    }

    /// The smoothed RTT in eighths of a microsecond, as the kernel keeps it; 0 before the first
    /// sample.
    #[inline]
    pub fn srtt_us(&self) -> u32 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::srtt_us(self.raw) }
    }

    /// The mean deviation of the RTT in quarters of a microsecond, as the kernel keeps it.
    #[inline]
    pub fn mdev_us(&self) -> u32 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::mdev_us(self.raw) }
    }

    /// The least RTT of the last `net.ipv4.tcp_min_rtt_wlen` seconds (`tcp_min_rtt()`); `None`
    /// before the first sample.
    #[inline]
    pub fn min_rtt(&self) -> Option<Usecs> {
        // SAFETY: Valid and owned by the type invariants.
        let min_rtt_us = unsafe { backend::min_rtt_us(self.raw) };
        i32::try_from(min_rtt_us).ok().map(Usecs::new)
    }

    /// The least RTT of the last `net.ipv4.tcp_min_rtt_wlen` seconds in microseconds, as the kernel
    /// keeps it; all ones before the first sample.
    #[inline]
    pub fn min_rtt_us(&self) -> u32 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::min_rtt_us(self.raw) }
    }

    /// Packets that are held to be in the network (`tcp_packets_in_flight()`).
    #[inline]
    pub fn packets_in_flight(&self) -> Packets {
        self.packets_out() - (self.sacked_out() + self.lost_out()) + self.retrans_out()
    }

    /// The congestion state.
    #[inline]
    pub fn ca_state(&self) -> CaState {
        // SAFETY: Valid and owned by the type invariants.
        CaState::from_raw(unsafe { backend::ca_state(self.raw) })
    }

    /// Whether the connection is not (yet) one: the socket listens or is closed.
    ///
    /// An algorithm's `init` may run then: it is chosen for connections to come.
    #[inline]
    pub fn is_unconnected(&self) -> bool {
        const TCP_CLOSE: u8 = 7;
        const TCP_LISTEN: u8 = 10;
        // SAFETY: Valid and owned by the type invariants.
        let state = unsafe { backend::sk_state(self.raw) };
        matches!(state, TCP_CLOSE | TCP_LISTEN)
    }

    /// Whether the two ends have agreed on ECN, accurate or not (`tcp_ecn_mode_any()`).
    #[inline]
    pub fn has_ecn(&self) -> bool {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::ecn_flags(self.raw) & backend::ECN_MODE_ANY != 0 }
    }

    /// The pacing rate.
    #[inline]
    pub fn pacing_rate(&self) -> BytesPerSec {
        // SAFETY: Valid and owned by the type invariants.
        BytesPerSec::new(unsafe { backend::pacing_rate(self.raw) })
    }

    /// The upper bound of the pacing rate (`SO_MAX_PACING_RATE`).
    #[inline]
    pub fn max_pacing_rate(&self) -> BytesPerSec {
        // SAFETY: Valid and owned by the type invariants.
        BytesPerSec::new(unsafe { backend::sk_max_pacing_rate(self.raw) })
    }

    /// Whether the socket is paced, by TCP itself or by the `fq` qdisc.
    #[inline]
    pub fn is_paced(&self) -> bool {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::sk_pacing_status(self.raw) != 0 }
    }

    /// Whether the window is below the slow start threshold (`tcp_in_slow_start()`).
    #[inline]
    pub fn in_slow_start(&self) -> bool {
        self.snd_cwnd() < self.snd_ssthresh().packets()
    }

    /// Whether the window, and not the application, limits sending (`tcp_is_cwnd_limited()`).
    #[inline]
    pub fn is_cwnd_limited(&self) -> bool {
        // SAFETY: Valid and owned by the type invariants.
        if unsafe { backend::cwnd_limited(self.raw) } {
            return true;
        }
        // In slow start the window may grow to twice what was in use.
        self.in_slow_start() && self.snd_cwnd() < self.max_packets_out() * 2
    }

    /// Sets the congestion window (`tcp_snd_cwnd_set()`).
    #[inline]
    pub fn set_snd_cwnd(&mut self, cwnd: Cwnd) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::set_snd_cwnd(self.raw, cwnd.get()) }
    }

    /// Sets the linear increase counter.
    #[inline]
    pub fn set_snd_cwnd_cnt(&mut self, packets: Packets) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::set_snd_cwnd_cnt(self.raw, packets.get()) }
    }

    /// Sets when the window was last validated or changed.
    #[inline]
    pub fn set_snd_cwnd_stamp(&mut self, stamp: Jiffies32) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::set_snd_cwnd_stamp(self.raw, stamp.get()) }
    }

    /// Sets the slow start threshold.
    #[inline]
    pub fn set_snd_ssthresh(&mut self, ssthresh: Ssthresh) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::set_snd_ssthresh(self.raw, ssthresh.get()) }
    }

    /// Sets the pacing rate, up to [`max_pacing_rate`](Self::max_pacing_rate).
    #[inline]
    pub fn set_pacing_rate(&mut self, rate: BytesPerSec) {
        let rate = rate.min(self.max_pacing_rate());
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::set_pacing_rate(self.raw, rate.get()) }
    }

    /// Has TCP pace the socket, if the `fq` qdisc does not.
    #[inline]
    pub fn request_pacing(&mut self) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::request_pacing(self.raw) }
    }

    /// Has samples count as limited by the application until `delivered` is reached.
    #[inline]
    pub fn set_app_limited(&mut self, delivered: Packets) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::set_app_limited(self.raw, delivered.get()) }
    }

    /// Has ACKs echo congestion (ECE) until the other end has reduced its window, or no longer.
    #[inline]
    pub fn set_demand_cwr(&mut self, on: bool) {
        const TCP_ECN_DEMAND_CWR: u8 = 1 << 2;
        // SAFETY: Valid and owned by the type invariants.
        unsafe {
            let others = backend::ecn_flags(self.raw) & !TCP_ECN_DEMAND_CWR;
            let bit = if on { TCP_ECN_DEMAND_CWR } else { 0 };
            backend::set_ecn_flags(self.raw, others | bit);
        }
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
        // SAFETY: Valid and owned by the type invariants, and in slow start.
        Acked::of_kernel(unsafe { backend::slow_start(self.raw, acked.get()) })
    }

    /// Slow start, if the connection is in it, and `rest` with what that leaves of `acked`, if
    /// anything.
    ///
    /// The same as [`slow_start`](Self::slow_start) and a condition, for a short `rest`: there is
    /// one copy of it for each case, and congestion avoidance pays nothing for slow start.
    #[inline(always)]
    pub fn slow_start_then(&mut self, acked: Acked, rest: impl FnOnce(&mut Sock<'_>, Acked)) {
        if !self.in_slow_start() {
            return rest(self, acked);
        }
        let mut sk = self.reborrow();
        seldom(move || {
            // SAFETY: Valid and owned by the type invariants, and in slow start.
            let acked = Acked::of_kernel(unsafe { backend::slow_start(sk.raw, acked.get()) });
            if !acked.is_zero() {
                rest(&mut sk, acked);
            }
        });
    }

    /// The same socket, for as long as this is borrowed: in a register, and not at an address.
    #[inline(always)]
    fn reborrow(&mut self) -> Sock<'_> {
        // INVARIANT: As of `self`, which cannot be used meanwhile.
        Sock {
            raw: self.raw,
            _borrow: PhantomData,
        }
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
        // SAFETY: Valid and owned by the type invariants, and the divisor is not 0.
        unsafe { backend::cong_avoid_ai(self.raw, w.into().get().max(1), acked.get()) }
    }

    /// The kernel's own [`reno::cong_avoid`](crate::reno::cong_avoid). Unlike
    /// [`cong_avoid_ai`](Self::cong_avoid_ai) it does not look how large the window is: one of 2^31
    /// packets is a warning in the kernel's log.
    #[cfg(target_arch = "bpf")]
    #[inline]
    pub(crate) fn reno_cong_avoid(&mut self, acked: Acked) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::reno_cong_avoid(self.raw, acked.get()) }
    }

    /// Adds to a counter of the socket's network namespace (`NET_ADD_STATS()`).
    #[inline]
    pub fn add_stats(&mut self, mib: Mib, value: u32) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::add_stats(self.raw, mib, value) }
    }
}

/// Generates a socket that offers more than [`Sock`] does.
macro_rules! context {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name<'a>(Sock<'a>);

        impl<'a> $name<'a> {
            /// Wraps a socket.
            ///
            /// # Safety
            ///
            /// `sk` must be the socket of a callback that gets this type.
            #[inline]
            pub unsafe fn new(sk: Sock<'a>) -> Self {
                Self(sk)
            }
        }

        impl<'a> Deref for $name<'a> {
            type Target = Sock<'a>;

            #[inline]
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl DerefMut for $name<'_> {
            #[inline]
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }
    };
}

context! {
    /// The socket in `init`: the algorithm may also say here that it is not for this connection.
    InitSock
}

impl InitSock<'_> {
    /// Replaces this algorithm on this socket by `A`, which need not be registered, and says
    /// whether it did. DCTCP falls back to Reno so when the other end knows no ECN.
    ///
    /// `A` takes over the state as it is. It does not if the socket belongs to an algorithm of
    /// another module: a BPF program may call `init` on one of its own sockets. Then the algorithm
    /// goes on, so it should still set its state up.
    ///
    /// In a BPF object the kernel's Reno takes over, whatever `A` is. It does not if the route
    /// locks the algorithm (`ip route ... congctl lock`), or if another program is just choosing
    /// this one with `bpf_setsockopt()`.
    #[inline]
    pub fn fall_back_to<A: CongestionControl>(&mut self) -> bool {
        const {
            assert!(
                A::OPS.hooks.init.is_none(),
                "the algorithm that is fallen back to is not initialised: it must not have `init`"
            )
        };
        // SAFETY: Valid and owned by the type invariants; and a table of this module.
        unsafe { backend::replace_ops(self.raw, const { &crate::callbacks::table::<A>() }) }
    }

    /// No longer marks packets as ECN capable (`INET_ECN_dontxmit()`).
    ///
    /// The kernel does so itself after `init`, unless the socket's table, which may have been
    /// replaced by then, needs ECN. In a BPF object only the kernel does.
    #[inline]
    pub fn clear_ect(&mut self) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::ecn_dontxmit(self.raw) }
    }
}

context! {
    /// The socket in `cwnd_event`, `cwnd_event_tx_start` and `in_ack_event`: the algorithm may also
    /// send an ACK here, and reroute the connection ([`Plb`]).
    EventSock
}

impl EventSock<'_> {
    /// Sends an ACK of everything before `rcv_nxt` at once (`__tcp_send_ack()`).
    #[inline]
    pub fn send_ack(&mut self, rcv_nxt: SeqNo) {
        // SAFETY: Valid and owned by the type invariants, and in a callback where sending is
        // allowed.
        unsafe { backend::send_ack(self.raw, rcv_nxt.0) }
    }

    /// Whether an ACK is being delayed (`ICSK_ACK_TIMER`).
    #[inline]
    pub fn is_ack_delayed(&self) -> bool {
        const ICSK_ACK_TIMER: u8 = 2;
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::ack_pending(self.raw) & ICSK_ACK_TIMER != 0 }
    }

    /// Has the next ACK sent without delay, once (`ICSK_ACK_NOW`).
    #[inline]
    pub fn ack_now(&mut self) {
        const ICSK_ACK_NOW: u8 = 16;
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::set_ack_pending(self.raw, backend::ack_pending(self.raw) | ICSK_ACK_NOW) }
    }
}

/// Protective load balancing: part of the state of an algorithm that reroutes a connection which
/// stays congested (Qureshi and others, "PLB: Congestion Signals are Simple and Effective for
/// Network Load Balancing", SIGCOMM 2022; `struct tcp_plb_state`).
///
/// Does nothing unless `net.ipv4.tcp_plb_enabled` is set, and nothing in a BPF object.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Plb(backend::RawPlb);

// SAFETY: Two integers, of which the kernel takes any.
unsafe impl State for Plb {}

impl Plb {
    /// Nothing seen yet.
    #[inline]
    pub fn new() -> Self {
        Self(Default::default())
    }

    /// Forgets what was seen (`tcp_plb_init()`). Bits that mean nothing stay as they are.
    #[inline]
    pub fn clear(&mut self) {
        backend::plb_init(&mut self.0)
    }

    /// A round trip is over. Which part of its packets were marked, in 1/256; negative for no
    /// telling (`tcp_plb_update_state()`).
    #[inline]
    pub fn update(&mut self, sk: &mut EventSock<'_>, cong_ratio: i32) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::plb_update_state(sk.raw, &mut self.0, cong_ratio) }
    }

    /// Reroutes the connection if it was congested for long enough (`tcp_plb_check_rehash()`).
    #[inline]
    pub fn check_rehash(&mut self, sk: &mut EventSock<'_>) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::plb_check_rehash(sk.raw, &mut self.0) }
    }

    /// The retransmission timer ran out (`tcp_plb_update_state_upon_rto()`).
    #[inline]
    pub fn upon_rto(&mut self, sk: &mut EventSock<'_>) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::plb_update_state_upon_rto(sk.raw, &mut self.0) }
    }
}

impl Default for Plb {
    fn default() -> Self {
        Self::new()
    }
}

/// The socket in `get_info`: to be read only, and while somebody else may write to it.
///
/// `inet_diag` asks for a socket's numbers without its lock. Each getter reads one field once; two
/// of them may be from before and after an ACK.
///
/// # Invariants
///
/// For `'a`, `raw` is a valid, full TCP socket.
pub struct InfoSock<'a> {
    raw: *const backend::RawSock,
    _borrow: PhantomData<&'a backend::RawSock>,
}

impl InfoSock<'_> {
    /// Wraps the socket that the kernel passes to `get_info`.
    ///
    /// # Safety
    ///
    /// `raw` must be a valid, full TCP socket while the returned value is in use.
    #[inline]
    pub unsafe fn from_raw(raw: *const backend::RawSock) -> Self {
        // INVARIANT: By the safety requirements.
        Self {
            raw,
            _borrow: PhantomData,
        }
    }

    /// The congestion window.
    #[inline]
    pub fn snd_cwnd(&self) -> Cwnd {
        // SAFETY: Valid by the type invariants.
        Cwnd::of_kernel(unsafe { backend::once::snd_cwnd(self.raw) })
    }

    /// The slow start threshold.
    #[inline]
    pub fn snd_ssthresh(&self) -> Ssthresh {
        // SAFETY: Valid by the type invariants.
        Ssthresh::of_kernel(unsafe { backend::once::snd_ssthresh(self.raw) })
    }

    /// Packets that were ever delivered.
    #[inline]
    pub fn delivered(&self) -> Packets {
        // SAFETY: Valid by the type invariants.
        Packets::new(unsafe { backend::once::delivered(self.raw) })
    }

    /// Those of [`delivered`](Self::delivered) that came with an ECN mark.
    #[inline]
    pub fn delivered_ce(&self) -> Packets {
        // SAFETY: Valid by the type invariants.
        Packets::new(unsafe { backend::once::delivered_ce(self.raw) })
    }

    /// The maximum segment size, in bytes.
    #[inline]
    pub fn mss_cache(&self) -> u32 {
        // SAFETY: Valid by the type invariants.
        unsafe { backend::once::mss_cache(self.raw) }
    }

    /// The smoothed RTT in eighths of a microsecond.
    #[inline]
    pub fn srtt_us(&self) -> u32 {
        // SAFETY: Valid by the type invariants.
        unsafe { backend::once::srtt_us(self.raw) }
    }

    /// The least RTT of the last `net.ipv4.tcp_min_rtt_wlen` seconds; `None` before the first
    /// sample.
    #[inline]
    pub fn min_rtt(&self) -> Option<Usecs> {
        // SAFETY: Valid by the type invariants.
        let min_rtt_us = unsafe { backend::once::min_rtt_us(self.raw) };
        i32::try_from(min_rtt_us).ok().map(Usecs::new)
    }

    /// The pacing rate.
    #[inline]
    pub fn pacing_rate(&self) -> BytesPerSec {
        // SAFETY: Valid by the type invariants.
        BytesPerSec::new(unsafe { backend::pacing_rate(self.raw) })
    }
}

/// A TCP sequence number: it wraps, so it is compared with [`after`](Self::after) only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct SeqNo(u32);

impl SeqNo {
    /// The sequence number `value`.
    #[inline]
    pub const fn new(value: u32) -> Self {
        Self(value)
    }

    /// The number.
    #[inline]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether `self` comes after `other` (`after()`).
    #[inline]
    pub const fn after(self, other: Self) -> bool {
        (other.0.wrapping_sub(self.0) as i32) < 0
    }

    /// Whether `self` comes before `other` (`before()`).
    #[inline]
    pub const fn before(self, other: Self) -> bool {
        other.after(self)
    }
}
