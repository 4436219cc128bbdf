// SPDX-License-Identifier: GPL-2.0-only

//! Clocks. They wrap, and so do not compare with `<`.

use crate::{
    Ticks,
    Usecs, //
};
use tcp_cc_backend as backend;

/// Ticks of the jiffies clock in a second (`HZ`).
///
/// A function, since a BPF object learns it only when it is loaded. In the kernel it is a constant.
#[inline(always)]
pub fn hz() -> u32 {
    backend::hz()
}

/// Generates a 32-bit clock.
macro_rules! clock {
    ($(#[$doc:meta])* $name:ident, $span:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[repr(transparent)]
        pub struct $name(u32);

        impl $name {
            /// The instant with the clock at 0, which states use for "not set".
            pub const ZERO: Self = Self(0);

            /// The instant with the clock at `value`.
            #[inline]
            pub const fn new(value: u32) -> Self {
                Self(value)
            }

            /// What the clock shows.
            #[inline]
            pub const fn get(self) -> u32 {
                self.0
            }

            /// Whether the clock is at 0, which states use for "not set".
            #[inline]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// How long ago `earlier` was; negative if it is yet to come.
            ///
            /// Right for instants that are less than half the clock's range apart.
            #[inline]
            pub const fn since(self, earlier: Self) -> $span {
                $span::new(self.0.wrapping_sub(earlier.0) as i32)
            }

            /// Whether `self` is later than `other`.
            #[inline]
            pub const fn after(self, other: Self) -> bool {
                (other.0.wrapping_sub(self.0) as i32) < 0
            }
        }

        impl core::ops::Add<$span> for $name {
            type Output = Self;

            #[inline]
            fn add(self, span: $span) -> Self {
                Self(self.0.wrapping_add(span.get() as u32))
            }
        }

        impl core::ops::Sub<$span> for $name {
            type Output = Self;

            #[inline]
            fn sub(self, span: $span) -> Self {
                Self(self.0.wrapping_sub(span.get() as u32))
            }
        }
    };
}

clock! {
    /// An instant on the kernel's tick, `tcp_jiffies32`: [`hz`] ticks a second.
    Jiffies32, Ticks
}

clock! {
    /// An instant in microseconds: the low half of [`Micros64`], which wraps every 71 minutes.
    Micros32, Usecs
}

/// An instant in microseconds, as in `tcp_mstamp`: it does not wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Micros64(u64);

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

impl Jiffies32 {
    /// The current tick.
    #[inline]
    pub fn now() -> Self {
        Self(backend::jiffies32())
    }
}

/// Ticks in `usecs` microseconds, rounded up (`usecs_to_jiffies()`).
///
/// Right where [`hz`] divides a million, which the kernel crate asserts. The last two ticks before
/// the end of the range of `usecs` (71 minutes) mean "for ever", as in C.
#[inline]
pub fn usecs_to_jiffies(usecs: u32) -> u64 {
    const MAX_JIFFY_OFFSET: u64 = (i64::MAX as u64 >> 1) - 1;

    /// The same for ticks of so many microseconds.
    #[inline(always)]
    fn ticks(usecs: u32, usecs_per_tick: u32, divide: impl FnOnce(u32) -> u32) -> u64 {
        if usecs > usecs_per_tick.wrapping_mul(MAX_JIFFY_OFFSET as u32) {
            return MAX_JIFFY_OFFSET;
        }
        u64::from(divide(usecs.wrapping_add(usecs_per_tick.wrapping_sub(1))))
    }

    // The verifier knows HZ, and drops the code for any other: it pays to divide by constants.
    match hz() {
        100 if !backend::HZ_IS_FIXED => ticks(usecs, 10_000, divided_by::<10_000>),
        250 if !backend::HZ_IS_FIXED => ticks(usecs, 4_000, divided_by::<4_000>),
        1000 if !backend::HZ_IS_FIXED => ticks(usecs, 1_000, divided_by::<1_000>),
        hz => {
            let usecs_per_tick = 1_000_000_u32.checked_div(hz).unwrap_or(1);
            ticks(usecs, usecs_per_tick, |usecs| {
                usecs.checked_div(usecs_per_tick).unwrap_or(0)
            })
        }
    }
}

/// `ticks` in units of 2^-`BITS` seconds, rounded down; the upper `BITS` of `ticks` are lost.
#[inline]
pub fn jiffies_to_secs<const BITS: u32>(ticks: u64) -> u64 {
    let dividend = ticks << BITS;
    match hz() {
        100 if !backend::HZ_IS_FIXED => dividend / 100,
        250 if !backend::HZ_IS_FIXED => dividend / 250,
        1000 if !backend::HZ_IS_FIXED => dividend / 1000,
        hz => dividend.checked_div(u64::from(hz)).unwrap_or(0),
    }
}

/// `dividend / DIVISOR`. As a multiplication, which LLVM makes of it for every machine but BPF:
/// there a division takes a dozen instructions.
#[inline(always)]
const fn divided_by<const DIVISOR: u32>(dividend: u32) -> u32 {
    // 2^shift / DIVISOR, rounded up. Exact if what is rounded is little enough (Granlund and
    // Montgomery, "Division by Invariant Integers using Multiplication", theorem 4.2).
    let shift = const { 32 + DIVISOR.ilog2() };
    let reciprocal = const {
        let shift = 32 + DIVISOR.ilog2();
        let reciprocal = (1_u64 << shift).div_ceil(DIVISOR as u64);
        let error = reciprocal * DIVISOR as u64 - (1 << shift);
        assert!(reciprocal <= u32::MAX as u64 && error <= 1 << (shift - 32));
        reciprocal
    };
    ((dividend as u64 * reciprocal) >> shift) as u32
}
