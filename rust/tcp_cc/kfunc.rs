// SPDX-License-Identifier: GPL-2.0-only

//! Functions for C and BPF programs: sockets, samples and events as arguments of kfuncs, and the
//! callbacks of an algorithm as kfuncs.
//!
//! | in Rust | in C | |
//! |---|---|---|
//! | [`CwndEvent`] | `enum tcp_ca_event` | any value |
//! | `&mut Sock` | `struct sock *` | a full TCP socket that the caller owns |
//! | `&Sock<Unlocked>` | `struct tcp_sock *` | one that is only read |
//! | `&AckSample` | `const struct ack_sample *` | as many bytes: the verifier takes any |
//! | `&RateSample` | `const struct rate_sample *` | the same |
//! | `Option<&Sock<Unlocked>>`, of samples too | the same, `..__nullable` | may be `NULL` |
//!
//! They are for the programs of `tcp_congestion_ops` only: others may have a pointer of that type
//! to something that is not a TCP socket, or is not theirs.

#[doc(hidden)]
pub mod callback;

use crate::{
    context::Unlocked,
    AckSample,
    CwndEvent,
    RateSample,
    Sock, //
};
use ferrops_bindings::{
    tcp_ca_event,
    tcp_sock, //
};
use ferrops_kfunc::{
    Argument,
    Declared,
    Object, //
};
use ferrops_ops::OpsTable;
use tcp_cc_backend::{
    RawAckSample,
    RawRateSample,
    RawSock,
    TcpCongestionOps, //
};

/// The declaration of something that only the programs of the table have.
const fn of_tcp(c: &'static str, rust: &'static str) -> Declared {
    Declared::of_table(TcpCongestionOps::C_NAME, "net/tcp.h", c, rust)
}

/// The declaration of a socket.
const fn socket(c: &'static str, rust: &'static str) -> Declared {
    Declared {
        kind: Some("socket"),
        ..of_tcp(c, rust)
    }
}

/// Implements [`Object`].
macro_rules! objects {
    ($($name:ty as $abi:ty: $declared:expr, $nullable:literal;)*) => { $(
        // SAFETY: The verifier lets as many bytes through as such an object has, and what wraps one
        // asks no more of it.
        unsafe impl Object for $name {
            type Abi = $abi;
            const DECLARED: Declared = $declared;
            const NULLABLE: &'static str = $nullable;

            #[inline(always)]
            unsafe fn from_abi<'a>(c: Self::Abi) -> &'a Self {
                // SAFETY: By the contract of this function.
                unsafe { <$name>::from_raw(c.cast()) }
            }

            #[inline(always)]
            fn as_abi(&self) -> Self::Abi {
                self.as_raw().cast()
            }
        }
    )* };
}

objects! {
    AckSample as *const RawAckSample:
        of_tcp("const struct ack_sample *", "&::tcp_cc::AckSample"),
        "Option<&::tcp_cc::AckSample>";
    RateSample as *const RawRateSample:
        of_tcp("const struct rate_sample *", "&::tcp_cc::RateSample"),
        "Option<&::tcp_cc::RateSample>";
    // Only programs that have full TCP sockets may call (`is_for_owners`).
    Sock<Unlocked> as *mut tcp_sock:
        socket("struct tcp_sock *", "&::tcp_cc::Sock<::tcp_cc::context::Unlocked>"),
        "Option<&::tcp_cc::Sock<::tcp_cc::context::Unlocked>>";
}

// SAFETY: The verifier lets trusted pointers to sockets through, and no other programs may call
// but those that own one (`is_for_owners`). There is no other way to it (`is_exclusive`).
unsafe impl<'a> Argument for &'a mut Sock {
    type Abi = *mut RawSock;
    type Stored = &'a mut Sock;
    type Borrowed<'h>
        = &'h mut Sock
    where
        Self: 'h;
    const DECLARED: Declared = Declared {
        is_exclusive: true,
        ..socket("struct sock *", "&mut ::tcp_cc::Sock")
    };

    #[inline(always)]
    unsafe fn from_abi(c: Self::Abi, _: u32) -> Self::Stored {
        // SAFETY: By the contract of this function.
        unsafe { Sock::from_raw(c) }
    }

    #[inline(always)]
    fn borrow<'h>(stored: &'h mut Self::Stored) -> Self::Borrowed<'h>
    where
        Self: 'h,
    {
        stored
    }

    #[inline(always)]
    fn into_abi(self) -> (Self::Abi, u32) {
        (self.as_raw(), 0)
    }
}

// SAFETY: Any number is valid.
unsafe impl Argument for CwndEvent {
    type Abi = tcp_ca_event;
    type Stored = Self;
    type Borrowed<'h> = Self;
    const DECLARED: Declared = of_tcp("enum tcp_ca_event", "::tcp_cc::CwndEvent");

    #[inline(always)]
    unsafe fn from_abi(c: tcp_ca_event, _: u32) -> Self {
        Self::from_raw(c.0)
    }

    #[inline(always)]
    fn borrow<'h>(stored: &'h mut Self) -> Self
    where
        Self: 'h,
    {
        *stored
    }

    #[inline(always)]
    fn into_abi(self) -> (tcp_ca_event, u32) {
        (tcp_ca_event(self.as_raw()), 0)
    }
}
