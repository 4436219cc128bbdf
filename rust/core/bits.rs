// SPDX-License-Identifier: GPL-2.0-only

//! Small numbers that share a word.

/// A type that a bit field can have, as in `mode / set_mode: 3 as Mode;`.
///
/// Any bits are a value of it, since a state may be any bytes.
#[diagnostic::on_unimplemented(
    message = "a bit field cannot be a `{Self}`",
    note = "a field is a number (`3`), a flag (`bool`), or a type of yours (`3 as Mode`) that has \
            `impl BitField for Mode`"
)]
pub trait BitField: Copy {
    /// Returns the value that the field's `bits` stand for. The bits above the field's are 0.
    fn from_bits(bits: u32) -> Self;

    /// Returns the bits that stand for the value. Those above the field's are lost.
    fn into_bits(self) -> u32;
}

/// Declares a word of bit fields, which is [`AnyBytes`](crate::AnyBytes): small numbers, flags, and
/// types of a few bits.
///
/// `name / set_name: BITS;` declares a number of so many bits with its getter and its setter,
/// `name / set_name: BITS as TYPE;` a value of a type that is a [`BitField`](crate::BitField), and
/// `name / set_name: bool;` a flag, which takes one bit. `_: BITS;` are unused bits, which stay as
/// they are. The fields take their bits one after the other, from the least significant one. C
/// compilers do the same on little-endian machines, so the word can have the layout of a C struct.
/// A number that does not fit loses its high bits, as in C.
///
/// # Examples
///
/// ```
/// use ferrops_core::{any_bytes, bit_fields, BitField};
///
/// /// What is searched for.
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// pub struct Kind(u8);
///
/// impl BitField for Kind {
///     fn from_bits(bits: u32) -> Self {
///         Self(bits as u8)
///     }
///
///     fn into_bits(self) -> u32 {
///         self.0.into()
///     }
/// }
///
/// bit_fields! {
///     /// The progress of a search.
///     pub struct Search(u32) {
///         /// The number of the step.
///         step / set_step: 3;
///         /// What is searched for.
///         kind / set_kind: 3 as Kind;
///         _: 2;
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
/// memory.search.set_kind(Kind(3));
/// memory.search.set_is_over(true);
/// assert_eq!((memory.search.step(), memory.search.is_over()), (2, true));
/// assert_eq!(memory.search.kind(), Kind(3));
/// assert_eq!(memory.search.get(), 0xffff_f1da);
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
///
/// ```compile_fail
/// ferrops_core::bit_fields! {
///     /// A type that not any bits are a value of.
///     struct Word(u32) {
///         /// A letter.
///         letter / set_letter: 21 as char;
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
            /// Creates the fields from their word.
            #[inline]
            pub const fn new(word: $word) -> Self {
                Self(word)
            }

            /// Returns the word.
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
     $(#[$doc:meta])* $get:ident / $set:ident: $bits:literal as $ty:ty; $($rest:tt)*) => {
        #[allow(dead_code)]
        impl $name {
            $(#[$doc])*
            #[inline(always)]
            pub fn $get(self) -> $ty {
                const { assert!($bits <= 32, "a bit field with a type has at most 32 bits") };
                let bits = self.0 >> ($at) & (<$word>::MAX >> (<$word>::BITS - $bits));
                <$ty as $crate::BitField>::from_bits(bits as u32)
            }

            $(#[$doc])*
            #[inline(always)]
            pub fn $set(&mut self, value: $ty) {
                const MASK: $word = <$word>::MAX >> (<$word>::BITS - $bits);
                let bits = <$ty as $crate::BitField>::into_bits(value) as $word;
                self.0 = self.0 & !(MASK << ($at)) | (bits & MASK) << ($at);
            }
        }

        $crate::__bit_fields! { $name($word)[$at + $bits] $($rest)* }
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
