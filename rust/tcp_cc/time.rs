// SPDX-License-Identifier: GPL-2.0-only

//! Clocks. They wrap, and so do not compare with `<`.

use crate::{
    Ticks,
    TimestampTicks,
    Usecs,
    Usecs32,
    Usecs64, //
};
use ferrops_core::clock;
use tcp_cc_backend::{
    Interface,
    Target, //
};

/// Ticks of the jiffies clock in a second (`HZ`).
///
/// A function, since a BPF object learns it only when it is loaded. In the kernel it is a constant.
#[inline(always)]
pub fn hz() -> u32 {
    Target::hz()
}

clock! {
    /// An instant on the kernel's tick, `tcp_jiffies32`: [`hz`] ticks a second.
    Jiffies32, Ticks
}

clock! {
    /// An instant in microseconds: the low half of [`Micros64`], which wraps every 71 minutes.
    Micros32, Usecs
}

clock! {
    /// A TCP timestamp ([RFC 7323](https://www.rfc-editor.org/rfc/rfc7323#section-3)): one of ours
    /// is in milliseconds, or in microseconds if the route asks for that; one of the other end in
    /// whatever that counts.
    Timestamp, TimestampTicks
}

/// An instant on the kernel's tick, `jiffies`, which does not wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Jiffies64(u64);

// SAFETY: Transparent over an integer.
unsafe impl crate::AnyBytes for Jiffies64 {
    const HAS_PADDING: bool = false;
}

impl Jiffies64 {
    /// The instant with the clock at `value`.
    #[inline]
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// What the clock shows.
    #[inline]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The current tick.
    #[inline]
    pub fn now() -> Self {
        Self(Target::jiffies())
    }

    /// Whether `self` is before `other` (`time_before()`).
    #[inline]
    pub const fn before(self, other: Self) -> bool {
        (self.0.wrapping_sub(other.0) as i64) < 0
    }
}

impl core::ops::Add<Ticks> for Jiffies64 {
    type Output = Self;

    #[inline]
    fn add(self, span: Ticks) -> Self {
        Self(self.0.wrapping_add(i64::from(span.get()) as u64))
    }
}

/// An instant in microseconds, as in `tcp_mstamp`: it does not wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Micros64(u64);

// SAFETY: Transparent over an integer.
unsafe impl crate::AnyBytes for Micros64 {
    const HAS_PADDING: bool = false;
}

impl Micros64 {
    /// The instant with the clock at 0, which states use for "not set".
    pub const ZERO: Self = Self(0);

    /// The instant with the clock at `value`.
    #[inline]
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// What the clock shows.
    #[inline]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether the clock is at 0, which states use for "not set".
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The low half, for a state that has only room for that.
    #[inline]
    pub const fn low(self) -> Micros32 {
        Micros32(self.0 as u32)
    }

    /// How many microseconds ago `earlier` was; 0 if it is yet to come (`tcp_stamp_us_delta()`).
    ///
    /// As in C it is the low half of that: right for instants that are less than 71 minutes apart.
    #[inline]
    pub const fn us_since(self, earlier: Self) -> u32 {
        let passed = self.0.wrapping_sub(earlier.0) as i64;
        if passed < 0 {
            0
        } else {
            passed as u32
        }
    }
}

/// An instant in nanoseconds, as in `tcp_clock_cache`: it does not wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Nanos64(u64);

// SAFETY: Transparent over an integer.
unsafe impl crate::AnyBytes for Nanos64 {
    const HAS_PADDING: bool = false;
}

impl Nanos64 {
    /// The instant with the clock at `value`.
    #[inline]
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// Returns what the clock shows.
    #[inline]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns how long ago `earlier` was, in whole microseconds; none if it is yet to come.
    #[inline]
    pub const fn since(self, earlier: Self) -> Usecs64 {
        Usecs64::new(self.0.saturating_sub(earlier.0) / 1_000)
    }
}

impl Jiffies32 {
    /// The current tick.
    #[inline]
    pub fn now() -> Self {
        Self(Target::jiffies() as u32)
    }
}

/// Ticks in `usecs` microseconds, rounded up (`usecs_to_jiffies()`).
///
/// Right where [`hz`] divides a million, which the kernel crate asserts. The last two ticks before
/// the end of the range of `usecs` (71 minutes) mean "for ever", as in C.
#[inline(always)]
pub fn usecs_to_jiffies(usecs: Usecs32) -> u64 {
    Target::usecs_to_jiffies(usecs.get())
}

/// Ticks in `msecs` milliseconds, rounded up (`msecs_to_jiffies()`). More than 2^31 - 1 mean "for
/// ever".
#[inline(always)]
pub fn msecs_to_jiffies(msecs: u32) -> u64 {
    Target::msecs_to_jiffies(msecs)
}

/// Microseconds in `ticks` (`jiffies_to_usecs()`); of more than 71 minutes the low half.
///
/// Right where [`hz`] divides a million, as for [`usecs_to_jiffies`].
#[inline(always)]
pub fn jiffies_to_usecs(ticks: u64) -> Usecs32 {
    Usecs32::new(Target::jiffies_to_usecs(ticks))
}

/// `ticks` in units of 2^-`BITS` seconds, rounded down; the upper `BITS` of `ticks` are lost.
#[inline(always)]
pub fn jiffies_to_secs<const BITS: u32>(ticks: u64) -> u64 {
    Target::divide_by_hz(ticks << BITS)
}
