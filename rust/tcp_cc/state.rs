// SPDX-License-Identifier: GPL-2.0-only

//! What an algorithm keeps for each socket.

use crate::{
    BytesPerSec,
    Jiffies32,
    Micros32,
    Micros64,
    Packets,
    SeqNo,
    Ticks,
    Usecs, //
};

/// Data that an algorithm may keep in a socket. Implemented with [`state!`](crate::state).
///
/// # Safety
///
/// Any bytes must be a valid value: the kernel hands callbacks a state that no `init` has seen, and
/// copies it bytewise to new sockets. So there is no `bool`, no enum, no reference and nothing
/// that owns. `HAS_PADDING` may be false only of a type all of whose bytes are those of fields.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a congestion control's state",
    label = "not every bit pattern is a valid `{Self}`, or it owns something",
    note = "use integers, the clocks, `SeqNo` and arrays of them (a `u8` instead of a `bool`), \
            inside `tcp_cc::state! {{ ... }}`"
)]
pub unsafe trait State: Copy + 'static {
    /// Whether there may be bytes between its fields, or behind them, that belong to none.
    const HAS_PADDING: bool = true;
}

/// Asserts that a socket has room for an `S`, and aligns it.
pub(crate) const fn assert_fits<S: State>() {
    assert!(
        align_of::<S>() <= align_of::<u64>(),
        "the state needs more alignment than a socket gives it (8 bytes): drop its `align`"
    );
    assert!(
        size_of::<S>() <= tcp_cc_backend::CA_PRIV_SIZE,
        "the state is larger than a socket has room for (icsk_ca_priv, 104 bytes): make it smaller"
    );
}

/// Implements [`State`] for types whose values are all the bit patterns of an integer.
macro_rules! impl_state {
    ($($ty:ty),* $(,)?) => {
        // SAFETY: An integer, or transparent over one.
        $(unsafe impl State for $ty {
            const HAS_PADDING: bool = false;
        })*
    };
}

impl_state!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);
impl_state!(
    BytesPerSec,
    Jiffies32,
    Micros32,
    Micros64,
    Packets,
    SeqNo,
    Ticks,
    Usecs
);

// SAFETY: Has no bytes.
unsafe impl State for () {
    const HAS_PADDING: bool = false;
}

// SAFETY: Each element may be any bytes, and there are none between them.
unsafe impl<T: State, const N: usize> State for [T; N] {
    const HAS_PADDING: bool = T::HAS_PADDING;
}

/// Declares the state of an algorithm: a struct whose fields are all [`State`].
///
/// # Examples
///
/// ```
/// use tcp_cc::prelude::*;
///
/// state! {
///     /// What we remember of a connection.
///     pub struct Memory {
///         /// The window before the last loss, in packets.
///         last_max_cwnd: u32,
///         /// When it was.
///         epoch_start: Jiffies32,
///     }
/// }
/// ```
///
/// ```compile_fail
/// tcp_cc::state! {
///     /// Not every byte is a `bool`.
///     struct Memory {
///         /// Is it on?
///         on: bool,
///     }
/// }
/// ```
#[macro_export]
macro_rules! state {
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
            const fn any_bytes<T: $crate::State>() {}
            $(any_bytes::<$ty>();)*
            // An attribute may not have put another struct in the place of this one.
            const _: fn($name) = |$name { $($field),* }| {
                $(let _: $ty = $field;)*
            };
            assert!(
                ::core::mem::size_of::<$name>() <= $crate::CA_PRIV_SIZE,
                "the state is larger than a socket has room for (icsk_ca_priv, 104 bytes); \
                 make it smaller"
            );
        };

        // SAFETY: It has these fields, each of which may be any bytes, as was just asserted.
        unsafe impl $crate::State for $name {
            const HAS_PADDING: bool = $(<$ty as $crate::State>::HAS_PADDING ||)*
                ::core::mem::size_of::<$name>() != 0 $(+ ::core::mem::size_of::<$ty>())*;
        }
    };
}
