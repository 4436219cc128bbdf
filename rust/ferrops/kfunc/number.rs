// SPDX-License-Identifier: GPL-2.0-only

//! Numbers as arguments and results.

use super::{
    Argument,
    Declared,
    Return, //
};
use tcp_bindings::tcp_ca_event;
use tcp_cc::CwndEvent;

/// Generates the types of arguments and results that are narrower than a register.
///
/// A BPF program does not clear the bits above such an argument, and rustc assumes of a `u8` that
/// its caller did. So the entry takes the whole register, as a type that has the name of C's for
/// kCFI: `-fsanitize-cfi-icall-experimental-normalize-integers` writes integers by their size, and
/// `bool` as the byte that it is. A type's second occurrence refers to the first, so there is one
/// Rust type for each in C, and results have it too.
macro_rules! narrow {
    ($($(#[$doc:meta])* $name:ident($encoding:literal): $ty:ident;)*) => { $(
        $(#[$doc])*
        #[repr(transparent)]
        #[cfi_encoding = $encoding]
        #[derive(Clone, Copy)]
        pub struct $name(u64);

        impl From<$name> for $ty {
            #[inline(always)]
            fn from(register: $name) -> Self {
                register.0 as Self
            }
        }

        impl From<$ty> for $name {
            #[inline(always)]
            #[allow(clippy::cast_lossless, reason = "for signed numbers it would not be one")]
            fn from(value: $ty) -> Self {
                Self(value as u64)
            }
        }
    )* };
}

narrow! {
    /// A `u8` or a `bool`.
    U8("u2u8"): u8;
    /// A `u16`.
    U16("u3u16"): u16;
    /// An `s8`.
    S8("u2i8"): i8;
    /// An `s16`.
    S16("u3i16"): i16;
}

impl From<U8> for bool {
    #[inline(always)]
    fn from(register: U8) -> Self {
        u8::from(register) != 0
    }
}

impl From<bool> for U8 {
    #[inline(always)]
    fn from(value: bool) -> Self {
        u8::from(value).into()
    }
}

/// Generates arguments and results that are numbers.
macro_rules! scalars {
    ($($ty:ident $c:literal as $in_c:ty),* $(,)?) => { $(
        // SAFETY: Any value is valid, and what is above the type's bits is dropped. The type in C
        // is as wide, or one of those above.
        unsafe impl Argument for $ty {
            type C = $in_c;
            type Held = Self;
            type Lent<'h> = Self;
            const DECLARED: Declared = Declared::scalar($c, stringify!($ty));

            #[inline(always)]
            unsafe fn hold(c: Self::C, _: u32) -> Self {
                c.into()
            }

            #[inline(always)]
            fn lend<'h>(held: &'h mut Self) -> Self
            where
                Self: 'h,
            {
                *held
            }

            #[inline(always)]
            fn into_c(self) -> (Self::C, u32) {
                (self.into(), 0)
            }
        }

        // SAFETY: The type in C is as wide, or one of those above.
        unsafe impl Return for $ty {
            type C = $in_c;
            const DECLARED: (&'static str, &'static str) = ($c, stringify!($ty));
            const MAY_BE_NULL: bool = false;

            #[inline(always)]
            fn into_c(self) -> Self::C {
                self.into()
            }

            #[inline(always)]
            unsafe fn from_c(c: Self::C) -> Self {
                c.into()
            }
        }
    )* };
}

scalars!(
    u8 "u8" as U8,
    u16 "u16" as U16,
    u32 "u32" as u32,
    u64 "u64" as u64,
    i8 "s8" as S8,
    i16 "s16" as S16,
    i32 "s32" as i32,
    i64 "s64" as i64,
    bool "bool" as U8,
);

// SAFETY: Any number is valid.
unsafe impl Argument for CwndEvent {
    type C = tcp_ca_event;
    type Held = Self;
    type Lent<'h> = Self;
    const DECLARED: Declared = Declared::of_tcp("enum tcp_ca_event", "CwndEvent");

    #[inline(always)]
    unsafe fn hold(c: tcp_ca_event, _: u32) -> Self {
        Self::from_raw(c.0)
    }

    #[inline(always)]
    fn lend<'h>(held: &'h mut Self) -> Self
    where
        Self: 'h,
    {
        *held
    }

    #[inline(always)]
    fn into_c(self) -> (tcp_ca_event, u32) {
        (tcp_ca_event(self.as_raw()), 0)
    }
}

// SAFETY: No result, which is `void`.
unsafe impl Return for () {
    type C = ();
    const DECLARED: (&'static str, &'static str) = ("void", "()");
    const MAY_BE_NULL: bool = false;

    #[inline(always)]
    fn into_c(self) {}

    #[inline(always)]
    unsafe fn from_c((): ()) {}
}
