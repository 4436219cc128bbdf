// SPDX-License-Identifier: GPL-2.0-only

//! Numbers as arguments and results.

use crate::{
    Argument,
    Declared,
    Return, //
};

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
            type Abi = $in_c;
            type Stored = Self;
            type Borrowed<'h> = Self;
            const DECLARED: Declared = Declared::scalar($c, stringify!($ty));

            #[inline(always)]
            unsafe fn from_abi(c: Self::Abi, _: u32) -> Self {
                c.into()
            }

            #[inline(always)]
            fn borrow<'h>(stored: &'h mut Self) -> Self
            where
                Self: 'h,
            {
                *stored
            }

            #[inline(always)]
            fn into_abi(self) -> (Self::Abi, u32) {
                (self.into(), 0)
            }
        }

        // SAFETY: The type in C is as wide, or one of those above.
        unsafe impl Return for $ty {
            type Abi = $in_c;
            const DECLARED: (&'static str, &'static str) = ($c, stringify!($ty));
            const MAY_BE_NULL: bool = false;

            #[inline(always)]
            fn into_abi(self) -> Self::Abi {
                self.into()
            }

            #[inline(always)]
            unsafe fn from_abi(c: Self::Abi) -> Self {
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

// SAFETY: No result, which is `void`.
unsafe impl Return for () {
    type Abi = ();
    const DECLARED: (&'static str, &'static str) = ("void", "()");
    const MAY_BE_NULL: bool = false;

    #[inline(always)]
    fn into_abi(self) {}

    #[inline(always)]
    unsafe fn from_abi((): ()) {}
}
