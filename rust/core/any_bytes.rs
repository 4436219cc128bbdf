// SPDX-License-Identifier: GPL-2.0-only

//! Data that C keeps for Rust.

/// Data any bytes of which are a valid value. Implemented with [`any_bytes!`](crate::any_bytes).
///
/// What an implementation keeps in the kernel's memory is such data: the kernel hands callbacks a
/// state that no constructor has seen, and copies it bytewise.
///
/// # Safety
///
/// Any bytes must be a valid value. So there is no `bool`, no enum, no reference and nothing that
/// owns. `HAS_PADDING` may be false only of a type all of whose bytes are those of fields.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a state that the kernel keeps",
    label = "not every bit pattern is a valid `{Self}`, or it owns something",
    note = "use integers, clocks, quantities and arrays of them (a `u8` instead of a `bool`), \
            inside the macro that declares the state"
)]
pub unsafe trait AnyBytes: Copy + 'static {
    /// Whether there may be bytes between its fields, or behind them, that belong to none.
    const HAS_PADDING: bool = true;
}

/// Implements [`AnyBytes`] for integers.
macro_rules! integers {
    ($($ty:ty),*) => {
        // SAFETY: All bit patterns are values.
        $(unsafe impl AnyBytes for $ty {
            const HAS_PADDING: bool = false;
        })*
    };
}

integers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

// SAFETY: Has no bytes.
unsafe impl AnyBytes for () {
    const HAS_PADDING: bool = false;
}

// SAFETY: Each element may be any bytes, and there are none between them.
unsafe impl<T: AnyBytes, const N: usize> AnyBytes for [T; N] {
    const HAS_PADDING: bool = T::HAS_PADDING;
}

/// Declares a struct whose fields are all [`AnyBytes`], and which thereby is, too.
///
/// # Examples
///
/// ```
/// ferrops_core::any_bytes! {
///     /// Two numbers.
///     pub struct Memory {
///         /// The last one.
///         last: u32,
///         /// The one before that.
///         before: u32,
///     }
/// }
/// ```
///
/// ```compile_fail
/// ferrops_core::any_bytes! {
///     /// Not every byte is a `bool`.
///     struct Memory {
///         /// Is it on?
///         on: bool,
///     }
/// }
/// ```
#[macro_export]
macro_rules! any_bytes {
    ($(#[$attr:meta])* $vis:vis struct $name:ident {
        $($(#[$field_attr:meta])* $field_vis:vis $field:ident: $ty:ty),* $(,)?
    }) => {
        $(#[$attr])*
        #[derive(Clone, Copy)]
        #[repr(C)]
        $vis struct $name {
            $($(#[$field_attr])* $field_vis $field: $ty,)*
        }

        const _: () = {
            const fn any_bytes<T: $crate::AnyBytes>() {}
            $(any_bytes::<$ty>();)*
            // An attribute may not have put another struct in the place of this one.
            const _: fn($name) = |$name { $($field),* }| {
                $(let _: $ty = $field;)*
            };
        };

        // SAFETY: It has these fields, each of which may be any bytes, as was just asserted.
        unsafe impl $crate::AnyBytes for $name {
            const HAS_PADDING: bool = $(<$ty as $crate::AnyBytes>::HAS_PADDING ||)*
                ::core::mem::size_of::<$name>() != 0 $(+ ::core::mem::size_of::<$ty>())*;
        }
    };
}
