// SPDX-License-Identifier: GPL-2.0-only

//! The socket, as a congestion control sees it.

use crate::{
    Jiffies32,
    Micros32,
    Ssthresh, //
};
use core::marker::PhantomData;
use tcp_cc_backend as backend;

pub use backend::Mib;

/// The largest window that the kernel does not warn of: it must be positive as an `int`.
const MAX_CWND: u32 = i32::MAX as u32;

/// A TCP socket, for the time of one callback.
///
/// The getters are the fields that algorithms read, under their kernel names. The setters are only
/// those that the BPF verifier allows a congestion control, each with the check that the kernel's
/// inline function has.
///
/// The state of the algorithm lives inside the socket, so this is a pointer and never a reference
/// to the whole.
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

    /// The congestion window, in packets.
    #[inline]
    pub fn snd_cwnd(&self) -> u32 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::snd_cwnd(self.raw) }
    }

    /// The slow start threshold, in packets.
    #[inline]
    pub fn snd_ssthresh(&self) -> u32 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::snd_ssthresh(self.raw) }
    }

    /// Sets the slow start threshold.
    #[inline]
    pub fn set_snd_ssthresh(&mut self, ssthresh: Ssthresh) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::set_snd_ssthresh(self.raw, ssthresh.get()) }
    }

    /// The congestion window before the last reduction, in packets.
    #[inline]
    pub fn prior_cwnd(&self) -> u32 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::prior_cwnd(self.raw) }
    }

    /// The most packets that were out in the last RTT.
    #[inline]
    pub fn max_packets_out(&self) -> u32 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::max_packets_out(self.raw) }
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

    /// When data was last sent.
    #[inline]
    pub fn lsndtime(&self) -> Jiffies32 {
        // SAFETY: Valid and owned by the type invariants.
        Jiffies32::new(unsafe { backend::lsndtime(self.raw) })
    }

    /// The time of the packet that is being sent or received, in microseconds.
    ///
    /// The low half of `tcp_mstamp`; it wraps every 71 minutes.
    #[inline]
    pub fn mstamp(&self) -> Micros32 {
        // SAFETY: Valid and owned by the type invariants.
        Micros32::new(unsafe { backend::tcp_mstamp(self.raw) } as u32)
    }

    /// The pacing rate, in bytes per second; all ones for none.
    #[inline]
    pub fn pacing_rate(&self) -> u64 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::pacing_rate(self.raw) }
    }

    /// Whether the socket is paced, by TCP itself or by the `fq` qdisc.
    #[inline]
    pub fn is_paced(&self) -> bool {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::is_paced(self.raw) }
    }

    /// The largest packet that may be handed to the device, in bytes.
    #[inline]
    pub fn gso_max_size(&self) -> u32 {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::gso_max_size(self.raw) }
    }

    /// Whether the window is below the slow start threshold (`tcp_in_slow_start()`).
    #[inline]
    pub fn in_slow_start(&self) -> bool {
        self.snd_cwnd() < self.snd_ssthresh()
    }

    /// Whether the window, and not the application, limits sending (`tcp_is_cwnd_limited()`).
    #[inline]
    pub fn is_cwnd_limited(&self) -> bool {
        // SAFETY: Valid and owned by the type invariants.
        if unsafe { backend::cwnd_limited(self.raw) } {
            return true;
        }
        // In slow start the window may grow to twice what was in use.
        self.in_slow_start() && self.snd_cwnd() < self.max_packets_out().wrapping_mul(2)
    }

    /// Grows the window by `acked` packets, but not beyond the slow start threshold
    /// (`tcp_slow_start()`).
    ///
    /// Returns how many of `acked` are left for congestion avoidance: all of them outside slow
    /// start.
    #[inline]
    pub fn slow_start(&mut self, acked: u32) -> u32 {
        if !self.in_slow_start() {
            return acked;
        }
        // C adds without a check: what the largest window has no room for is left over.
        let room = MAX_CWND.saturating_sub(self.snd_cwnd());
        if acked > room {
            // SAFETY: Valid and owned by the type invariants, and in slow start.
            let left = unsafe { backend::slow_start(self.raw, room) };
            return left.wrapping_add(acked.wrapping_sub(room));
        }
        // SAFETY: Valid and owned by the type invariants, and in slow start.
        unsafe { backend::slow_start(self.raw, acked) }
    }

    /// Grows the window by one packet for every `w` of the packets acknowledged
    /// (`tcp_cong_avoid_ai()`). A `w` of 0 is taken as 1.
    #[inline]
    pub fn cong_avoid_ai(&mut self, w: u32, acked: u32) {
        // C adds without a check: at most all of `acked`, and one for the credit of earlier calls.
        let Some(room) = (MAX_CWND - 1).checked_sub(self.snd_cwnd()) else {
            return;
        };
        let acked = acked.min(room);
        // SAFETY: Valid and owned by the type invariants, and the divisor is not 0.
        unsafe { backend::cong_avoid_ai(self.raw, w.max(1), acked) }
    }

    /// Adds to a counter of the socket's network namespace (`NET_ADD_STATS()`).
    #[inline]
    pub fn add_stats(&mut self, mib: Mib, value: u32) {
        // SAFETY: Valid and owned by the type invariants.
        unsafe { backend::add_stats(self.raw, mib, value) }
    }
}

/// A TCP sequence number: it wraps, so it is compared with [`after`](Self::after) only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct SeqNo(u32);

impl SeqNo {
    /// The sequence number `value`.
    #[inline]
    pub const fn new(value: u32) -> Self {
        Self(value)
    }

    /// Whether `self` comes after `other` (`after()`).
    #[inline]
    pub const fn after(self, other: Self) -> bool {
        (other.0.wrapping_sub(self.0) as i32) < 0
    }
}
