// SPDX-License-Identifier: GPL-2.0-only

//! What an algorithm keeps for each socket.

use tcp_cc_backend::{
    Interface,
    Target, //
};

/// Asserts that a socket has room for an `S`, and aligns it.
pub(crate) const fn assert_fits<S>() {
    assert!(
        align_of::<S>() <= align_of::<u64>(),
        "the state needs more alignment than a socket gives it (8 bytes): drop its `align`"
    );
    assert!(
        size_of::<S>() <= Target::CA_PRIV_SIZE,
        "the state is larger than a socket has room for (icsk_ca_priv, 104 bytes): make it smaller"
    );
}

/// Declares the state of an algorithm: a struct whose fields are all
/// [`AnyBytes`](crate::AnyBytes), and for which a socket has room.
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
    ($(#[$attr:meta])* $vis:vis struct $name:ident { $($fields:tt)* }) => {
        $crate::__private::any_bytes! {
            $(#[$attr])* $vis struct $name { $($fields)* }
        }

        const _: () = assert!(
            ::core::mem::size_of::<$name>() <= $crate::CA_PRIV_SIZE,
            "the state is larger than a socket has room for (icsk_ca_priv, 104 bytes); \
             make it smaller"
        );
    };
}
