// SPDX-License-Identifier: GPL-2.0-only

//! Quantities with a unit. Their arithmetic wraps, as C's does, and never panics.

use crate::{
    Jiffies32,
    Micros64,
    Nanos64,
    SeqNo,
    Timestamp, //
};
use core::ops::{
    Add,
    Div,
    Mul,
    Shl,
    Shr,
    Sub, //
};
use ferrops_core::{
    quantity,
    Wrapping32, //
};

/// A quantity that the kernel has as a number.
///
/// The kernel's own numbers are taken as they are. So what a type keeps to when safe code makes a
/// value, such as the least window, need not hold of one that was read off a socket.
pub(crate) trait FromKernel<T> {
    /// The quantity of the number `value`.
    fn from_kernel(value: T) -> Self;
}

/// Implements [`FromKernel`] for types that a function makes of a number.
macro_rules! from_kernel {
    ($($ty:ty: $raw:ty = $make:expr;)*) => { $(
        impl $crate::units::FromKernel<$raw> for $ty {
            #[inline(always)]
            fn from_kernel(value: $raw) -> Self {
                $make(value)
            }
        }
    )* };
}
pub(crate) use from_kernel;

from_kernel! {
    bool: bool = core::convert::identity;
    u8: u8 = core::convert::identity;
    u32: u32 = core::convert::identity;
    u64: u64 = core::convert::identity;
    Acked: u32 = Self;
    Bytes: u32 = Self;
    Bytes64: u64 = Self;
    BytesPerSec: u64 = Self;
    Cwnd: u32 = Self;
    Jiffies32: u32 = Self::new;
    Micros64: u64 = Self::new;
    Nanos64: u64 = Self::new;
    Packets: u32 = Self;
    SeqNo: u32 = Self::new;
    Ssthresh: u32 = Self;
    Timestamp: u32 = Self::new;
    Usecs64: u32 = |us| Self::new(u64::from(us));
}

/// Lets the kernel have the number of a quantity.
macro_rules! into_kernel {
    ($($ty:ident($raw:ty);)*) => { $(
        impl From<$ty> for $raw {
            #[inline(always)]
            fn from(value: $ty) -> Self {
                value.0
            }
        }
    )* };
}

into_kernel! {
    Cwnd(u32);
    Packets(u32);
    Ssthresh(u32);
}

/// Takes the unit off a quantity, for formulas.
macro_rules! unitless {
    ($($ty:ty),*) => { $(
        impl From<$ty> for Wrapping32 {
            #[inline]
            fn from(value: $ty) -> Self {
                Self::new(value.get())
            }
        }
    )* };
}

unitless!(Acked, Bytes, Cwnd, Packets, Usecs32);

impl From<Wrapping32> for Packets {
    #[inline]
    fn from(packets: Wrapping32) -> Self {
        Self(packets.get())
    }
}

quantity! {
    /// A number of packets: segments of [`mss_cache`](crate::Sock::mss_cache) bytes.
    Packets(u32)
}

quantity! {
    /// A number of bytes.
    Bytes(u32)
}

quantity! {
    /// A number of bytes, of all that a connection ever carried.
    Bytes64(u64)
}

quantity! {
    /// A time span in microseconds that is never negative.
    Usecs64(u64)
}

quantity! {
    /// A time span in microseconds of up to 71 minutes, never negative.
    Usecs32(u32)
}

quantity! {
    /// A time span in microseconds; negative if it goes back in time.
    Usecs(i32)
}

quantity! {
    /// A time span in ticks of the jiffies clock, [`hz`](crate::hz) a second; negative if it goes
    /// back in time.
    Ticks(i32)
}

quantity! {
    /// A time span between two [`Timestamp`]s.
    TimestampTicks(i32)
}

quantity! {
    /// A rate in bytes per second, as in `sk_pacing_rate`.
    BytesPerSec(u64)
}

impl BytesPerSec {
    /// No limit.
    pub const UNLIMITED: Self = Self(u64::MAX);
}

impl Usecs {
    /// A millisecond.
    pub const MSEC: Self = Self(1_000);

    /// A second.
    pub const SEC: Self = Self(1_000_000);
}

/// A congestion window: 1 to 2^31 - 1 packets.
///
/// The kernel divides by the window, and warns of others. It is made by [`Cwnd::clamped`], which
/// keeps to the bounds, or is the socket's own.
///
/// # Invariants
///
/// It is 1 to 2^31 - 1, or a number that the kernel has as a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Cwnd(u32);

impl Cwnd {
    /// A window of `packets`, clamped to the bounds.
    #[inline]
    pub fn clamped(packets: Packets) -> Self {
        /// Clamps out of line: the common case is one comparison.
        #[cold]
        fn nearest(packets: u32) -> u32 {
            packets.clamp(1, i32::MAX as u32)
        }

        // INVARIANT: Both are within the bounds.
        match packets.0 {
            1..=0x7fff_ffff => Self(packets.0),
            _ => Self(nearest(packets.0)),
        }
    }

    /// The larger of this window and one of `packets`. As many as are no window, 2^31 or more, are
    /// passed over.
    #[inline]
    pub fn max(self, packets: impl Into<Packets>) -> Self {
        let packets = packets.into();
        // As signed numbers those are negative.
        if (packets.0 as i32) > (self.0 as i32) {
            // INVARIANT: It is positive as a signed number unless `self` is out of the bounds,
            // which only a window of the kernel's is: then it is nearer to them.
            Self(packets.0)
        } else {
            self
        }
    }

    /// This window less `packets`, or 1 if that leaves none.
    #[inline]
    pub const fn saturating_sub(self, packets: Packets) -> Self {
        let most = i32::MAX as u32;
        let packets = if packets.0 < most { packets.0 } else { most };
        // Neither has the sign bit, so the difference is right as a signed number.
        let left = self.0.wrapping_sub(packets) as i32;
        // INVARIANT: 1, or more and positive as a signed number.
        Self(if left > 1 { left as u32 } else { 1 })
    }

    /// The window in packets.
    #[inline]
    pub const fn packets(self) -> Packets {
        Packets(self.0)
    }

    /// The window in packets, without the unit.
    #[inline]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl From<Cwnd> for Packets {
    #[inline]
    fn from(cwnd: Cwnd) -> Self {
        cwnd.packets()
    }
}

impl From<Acked> for Packets {
    #[inline]
    fn from(acked: Acked) -> Self {
        acked.packets()
    }
}

/// Generates the arithmetic of a window, which gives packets: they may be too few for a window.
macro_rules! cwnd_operators {
    ($($operator:ident::$method:ident($other:ty);)*) => { $(
        impl $operator<$other> for Cwnd {
            type Output = Packets;

            #[inline]
            fn $method(self, other: $other) -> Packets {
                self.packets().$method(other)
            }
        }
    )* };
}

cwnd_operators! {
    Add::add(Packets);
    Sub::sub(Packets);
    Mul::mul(u32);
    Div::div(u32);
    Shr::shr(u32);
    Shl::shl(u32);
}

impl PartialEq<Packets> for Cwnd {
    #[inline]
    fn eq(&self, other: &Packets) -> bool {
        self.packets() == *other
    }
}

impl PartialOrd<Packets> for Cwnd {
    #[inline]
    fn partial_cmp(&self, other: &Packets) -> Option<core::cmp::Ordering> {
        self.packets().partial_cmp(other)
    }
}

/// A slow start threshold: 2 to 2^31 - 1 packets.
///
/// [RFC 5681, equation 4](https://www.rfc-editor.org/rfc/rfc5681#section-3.1) has the lower bound;
/// with less the kernel's slow start could set a window of 0. The upper one is what the kernel has
/// for "no threshold", `TCP_INFINITE_SSTHRESH`. It is made by [`Ssthresh::clamped`], which keeps to
/// the bounds, or is the socket's own.
///
/// # Invariants
///
/// It is 2 to 2^31 - 1, or a number that the kernel has as a threshold or a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Ssthresh(u32);

impl Ssthresh {
    /// No threshold.
    pub const INFINITE: Self = Self(i32::MAX as u32);

    /// A threshold of so many [`Packets`] or of a whole [`Cwnd`], clamped to the bounds.
    #[inline]
    pub fn clamped(packets: impl Into<Self>) -> Self {
        packets.into()
    }

    /// The threshold in packets.
    #[inline]
    pub const fn packets(self) -> Packets {
        Packets(self.0)
    }

    /// The threshold in packets, without the unit.
    #[inline]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl From<Packets> for Ssthresh {
    #[inline]
    fn from(packets: Packets) -> Self {
        // INVARIANT: Within the bounds.
        Self(packets.0.clamp(2, i32::MAX as u32))
    }
}

impl From<Cwnd> for Ssthresh {
    #[inline]
    fn from(cwnd: Cwnd) -> Self {
        // INVARIANT: By that of `Cwnd`, and at least 2.
        Self(cwnd.0.max(2))
    }
}

/// Packets that an ACK newly acknowledged.
///
/// Only the kernel makes one, of packets that were out: a window within its bounds that
/// grows by it once does not wrap.
///
/// # Invariants
///
/// It is less than 2^30: the kernel never has as many packets out, and what a BPF
/// program passes to a kfunc is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Acked(u32);

impl Acked {
    /// The most that there can be, in packets.
    pub const MAX: u32 = (1 << 30) - 1;

    /// How many packets.
    #[inline]
    pub const fn packets(self) -> Packets {
        Packets(self.0)
    }

    /// How many packets, without the unit.
    #[inline]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether there are none.
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// As many, but no more than `packets`.
    #[inline]
    pub fn min(self, packets: impl Into<Packets>) -> Self {
        // INVARIANT: No more than `self`.
        Self(self.0.min(packets.into().0))
    }
}
