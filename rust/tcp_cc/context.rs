// SPDX-License-Identifier: GPL-2.0-only

//! What may be done with a socket: it depends on the callback that gets it.
//!
//! A callback gets a [`Sock<Ctx>`](crate::Sock), and `Ctx` is one of the types below, as it is with
//! `kernel::device::Device<Ctx>`.
//!
//! | `Ctx` | who gets it | beside the fields |
//! |---|---|---|
//! | [`Locked`], the default | most callbacks | grows the window |
//! | [`Init<S>`](Init) | `init` | [`fall_back_to`](crate::Sock::fall_back_to), `clear_ect` |
//! | [`Event<S>`](Event) | the events and `in_ack_event` | [`send_ack`](crate::Sock::send_ack) |
//! | [`Reroute`] | who splits an `Event` | [`Plb`](crate::Plb) |
//! | [`Unlocked`] | `get_info`, kfuncs that read | nothing: it only reads |
//!
//! All but `Unlocked` lend themselves as a `&mut Sock` (`Deref`).
//!
//! # The state is not borrowed while the kernel may call back
//!
//! An ACK that is sent reaches `tcp_enter_cwr()` if the device's queue drops it, and that calls
//! `ssthresh` and `set_state` of the same algorithm, which borrow the state (contract 19). So a
//! callback that may send has no `&mut S` beside its socket: the state is borrowed *from* the
//! socket, by [`state_mut`](crate::Sock::state_mut) or [`split`](crate::Sock::split), and until
//! that borrow ends the borrow checker refuses [`send_ack`](crate::Sock::send_ack). In the same way
//! `init` does without it while another algorithm takes over.

use core::{
    convert::Infallible,
    marker::PhantomData, //
};

/// A type that says what may be done with a socket. Others cannot be added.
pub trait Context: sealed::Sealed {
    /// Whether the socket's lock is held, so that only fields marked `shared` change meanwhile.
    #[doc(hidden)]
    const IS_LOCKED: bool;
}

mod sealed {
    /// Keeps [`Context`](super::Context) to this module.
    pub trait Sealed {}
}

/// The callback owns the socket: its lock is held.
pub enum Locked {}

/// Nobody may hold the socket's lock: it can be read, one field at a time.
pub enum Unlocked {}

/// As [`Locked`], and the connection may be rerouted.
pub enum Reroute {}

/// `init`, of an algorithm with the state `S`.
pub struct Init<S>(PhantomData<S>, Infallible);

/// An event, of an algorithm with the state `S`.
pub struct Event<S>(PhantomData<S>, Infallible);

/// Implements [`Context`].
macro_rules! contexts {
    ($([$($params:tt)*] $context:ty: $is_locked:literal;)*) => { $(
        impl $($params)* sealed::Sealed for $context {}

        impl $($params)* Context for $context {
            const IS_LOCKED: bool = $is_locked;
        }
    )* };
}

contexts! {
    [] Locked: true;
    [] Unlocked: false;
    [] Reroute: true;
    [<S>] Init<S>: true;
    [<S>] Event<S>: true;
}
