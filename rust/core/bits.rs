// SPDX-License-Identifier: GPL-2.0-only

//! Small numbers that share a word.

/// Declares a word of bit fields, which is [`AnyBytes`](crate::AnyBytes): numbers of a few bits each,
/// and flags.
///
/// `name / set_name: BITS;` declares a number of so many bits with its getter and its setter, and
/// `name / set_name: bool;` a flag, which takes one bit. `_: BITS;` are bits that nobody uses; they
/// stay as they are. The fields take their bits one after the other, from the least significant
/// one: so C compilers do it on little-endian machines, and the word can have the layout of a C
/// reference's. A number that does not fit loses its high bits, as in C.
///
/// # Examples
///
/// ```
/// use ferrops_core::{any_bytes, bit_fields};
///
/// bit_fields! {
///     /// How far the search has come.
///     pub struct Search(u32) {
///         /// Which step it is at.
///         step / set_step: 3;
///         _: 5;
///         /// Whether it is over.
///         is_over / set_is_over: bool;
///     }
/// }
///
/// any_bytes! {
///     /// A word of fields.
///     pub struct Memory {
///         search: Search,
///     }
/// }
///
/// let mut memory = Memory { search: Search::new(0xffff_f0ff) };
/// memory.search.set_step(8 + 2);
/// memory.search.set_is_over(true);
/// assert_eq!((memory.search.step(), memory.search.is_over()), (2, true));
/// assert_eq!(memory.search.get(), 0xffff_f1fa);
/// ```
///
/// ```compile_fail
/// ferrops_core::bit_fields! {
///     /// 33 bits.
///     struct Word(u32) {
///         /// A number.
///         number / set_number: 32;
///         /// A flag.
///         flag / set_flag: bool;
///     }
/// }
/// ```
#[macro_export]
macro_rules! bit_fields {
    ($(#[$attr:meta])* $vis:vis struct $name:ident($word:ty) { $($fields:tt)* }) => {
        $(#[$attr])*
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        $vis struct $name($word);

        #[allow(dead_code)]
        impl $name {
            /// The fields that this word has.
            #[inline]
            pub const fn new(word: $word) -> Self {
                Self(word)
            }

            /// The word.
            #[inline]
            pub const fn get(self) -> $word {
                self.0
            }
        }

        const _: () = {
            const fn any_bytes<T: $crate::AnyBytes>() {}
            any_bytes::<$word>();
            assert!(<$word>::MIN == 0, "bit fields are in a word without a sign, such as `u32`");
            // An attribute may not have put another struct in the place of this one.
            const _: fn($name) -> $word = |$name(word)| word;
        };

        // SAFETY: It has this word alone, which may be any bytes, as was just asserted.
        unsafe impl $crate::AnyBytes for $name {
            const HAS_PADDING: bool = false;
        }

        $crate::__bit_fields! { $name($word)[0] $($fields)* }
    };
}

/// Generates the getters and setters of [`bit_fields!`](crate::bit_fields), from the bit in
/// brackets on.
#[doc(hidden)]
#[macro_export]
macro_rules! __bit_fields {
    ($name:ident($word:ty)[$at:expr]) => {
        const _: () = {
            const BITS: u32 = $at;
            assert!(
                BITS <= <$word>::BITS,
                "the bit fields have more bits than their word: take a wider one"
            );
        };
    };
    ($name:ident($word:ty)[$at:expr] _: $bits:literal; $($rest:tt)*) => {
        $crate::__bit_fields! { $name($word)[$at + $bits] $($rest)* }
    };
    ($name:ident($word:ty)[$at:expr]
     $(#[$doc:meta])* $get:ident / $set:ident: bool; $($rest:tt)*) => {
        #[allow(dead_code)]
        impl $name {
            $(#[$doc])*
            #[inline(always)]
            pub const fn $get(self) -> bool {
                self.0 >> ($at) & 1 != 0
            }

            $(#[$doc])*
            #[inline(always)]
            pub fn $set(&mut self, on: bool) {
                self.0 = self.0 & !(1 << ($at)) | <$word>::from(on) << ($at);
            }
        }

        $crate::__bit_fields! { $name($word)[$at + 1] $($rest)* }
    };
    ($name:ident($word:ty)[$at:expr]
     $(#[$doc:meta])* $get:ident / $set:ident: $bits:literal; $($rest:tt)*) => {
        #[allow(dead_code)]
        impl $name {
            $(#[$doc])*
            #[inline(always)]
            pub const fn $get(self) -> $word {
                self.0 >> ($at) & (<$word>::MAX >> (<$word>::BITS - $bits))
            }

            $(#[$doc])*
            #[inline(always)]
            pub fn $set(&mut self, value: $word) {
                const MASK: $word = <$word>::MAX >> (<$word>::BITS - $bits);
                self.0 = self.0 & !(MASK << ($at)) | (value & MASK) << ($at);
            }
        }

        $crate::__bit_fields! { $name($word)[$at + $bits] $($rest)* }
    };
}
