// SPDX-License-Identifier: GPL-2.0-only

//! Numbers as arguments and results.

use super::{
    Argument,
    Declared,
    Received,
    Register,
    Return, //
};
use tcp_cc::CwndEvent;

/// Generates arguments that are numbers.
macro_rules! scalars {
    ($($ty:ident $c:literal),*) => { $(
        // SAFETY: Any value is valid, and what is above the type's bits is dropped.
        unsafe impl Argument<'_> for $ty {
            type Held = Self;
            const DECLARED: Declared = Declared::scalar($c, stringify!($ty));

            #[inline(always)]
            unsafe fn hold(first: Register, _: Register) -> Self {
                first as Self
            }

            #[inline(always)]
            fn lend(held: &mut Self) -> Self {
                *held
            }

            #[inline(always)]
            #[allow(clippy::cast_lossless, reason = "for signed numbers it would not be one")]
            fn registers(self) -> (Register, Register) {
                (self as Register, 0)
            }
        }

        // SAFETY: The number, extended to the register as C would.
        unsafe impl Return for $ty {
            const DECLARED: (&'static str, &'static str) = ($c, stringify!($ty));
            const MAY_BE_NULL: bool = false;

            #[inline(always)]
            #[allow(clippy::cast_lossless, reason = "for signed numbers it would not be one")]
            fn into_register(self) -> Register {
                self as Register
            }
        }

        impl Received for $ty {
            #[inline(always)]
            unsafe fn from_register(register: Register) -> Self {
                register as Self
            }
        }
    )* };
}

scalars!(u8 "u8", u16 "u16", u32 "u32", u64 "u64", i8 "s8", i16 "s16", i32 "s32", i64 "s64");

// SAFETY: Of a byte, as C has it, any bit is true.
unsafe impl Argument<'_> for bool {
    type Held = Self;
    const DECLARED: Declared = Declared::scalar("bool", "bool");

    #[inline(always)]
    unsafe fn hold(first: Register, _: Register) -> Self {
        first as u8 != 0
    }

    #[inline(always)]
    fn lend(held: &mut Self) -> Self {
        *held
    }

    #[inline(always)]
    fn registers(self) -> (Register, Register) {
        (self.into(), 0)
    }
}

// SAFETY: 0 or 1.
unsafe impl Return for bool {
    const DECLARED: (&'static str, &'static str) = ("bool", "bool");
    const MAY_BE_NULL: bool = false;

    #[inline(always)]
    fn into_register(self) -> Register {
        self.into()
    }
}

impl Received for bool {
    #[inline(always)]
    unsafe fn from_register(register: Register) -> Self {
        register as u8 != 0
    }
}

// SAFETY: Any number is valid.
unsafe impl Argument<'_> for CwndEvent {
    type Held = Self;
    const DECLARED: Declared = Declared::of_tcp("enum tcp_ca_event", "CwndEvent");

    #[inline(always)]
    unsafe fn hold(first: Register, _: Register) -> Self {
        Self::from_raw(first as u32)
    }

    #[inline(always)]
    fn lend(held: &mut Self) -> Self {
        *held
    }

    #[inline(always)]
    fn registers(self) -> (Register, Register) {
        (self.as_raw().into(), 0)
    }
}
