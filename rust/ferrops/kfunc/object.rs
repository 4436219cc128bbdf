// SPDX-License-Identifier: GPL-2.0-only

//! The kernel's objects as arguments and results: sockets and samples.

use super::{
    Argument,
    Declared,
    Received,
    Register,
    Return, //
};
use kernel::types::Opaque;
use tcp_cc::{
    AckSample,
    InfoSock,
    RateSample,
    Sock, //
};
use tcp_cc_backend::RawSock;

/// Generates arguments that are references to something of the kernel's.
macro_rules! objects {
    ($($name:ident: $declared:expr;)*) => { $(
        // SAFETY: The verifier lets as many bytes through as such an object has, and what wraps one
        // asks no more of it.
        unsafe impl<'h, 'a: 'h> Argument<'h> for &'h $name<'a> {
            type Held = $name<'a>;
            const DECLARED: Declared = $declared;

            #[inline(always)]
            unsafe fn hold(first: Register, _: Register) -> Self::Held {
                // SAFETY: By the contract of this function.
                unsafe { $name::from_raw(first as *mut _) }
            }

            #[inline(always)]
            fn lend(held: &'h mut Self::Held) -> Self {
                held
            }

            #[inline(always)]
            fn registers(self) -> (Register, Register) {
                (self.as_raw() as Register, 0)
            }
        }

        // SAFETY: As above, or NULL.
        unsafe impl<'h, 'a: 'h> Argument<'h> for Option<&'h $name<'a>> {
            type Held = Option<$name<'a>>;
            const DECLARED: Declared = Declared {
                rust: concat!("Option<&", stringify!($name), "<'_>>"),
                ..<&$name<'_> as Argument<'_>>::DECLARED.nullable()
            };

            #[inline(always)]
            unsafe fn hold(first: Register, _: Register) -> Self::Held {
                // SAFETY: By the contract of this function, since it is not NULL.
                (first != 0).then(|| unsafe { $name::from_raw(first as *mut _) })
            }

            #[inline(always)]
            fn lend(held: &'h mut Self::Held) -> Self {
                held.as_ref()
            }

            #[inline(always)]
            fn registers(self) -> (Register, Register) {
                (self.map_or(0, |object| object.as_raw() as Register), 0)
            }
        }
    )* };
}

objects! {
    AckSample: Declared::of_tcp("const struct ack_sample *", "&AckSample<'_>");
    RateSample: Declared::of_tcp("const struct rate_sample *", "&RateSample<'_>");
}

// SAFETY: The verifier lets trusted pointers to sockets through, and no other programs may call
// but those that own one (`is_for_owners`). There is no other way to it (`is_exclusive`).
unsafe impl<'h, 'a: 'h> Argument<'h> for &'h mut Sock<'a> {
    type Held = Sock<'a>;
    const DECLARED: Declared = Declared {
        is_exclusive: true,
        is_socket: true,
        ..Declared::of_tcp("struct sock *", "&mut Sock<'_>")
    };

    #[inline(always)]
    unsafe fn hold(first: Register, _: Register) -> Self::Held {
        // SAFETY: By the contract of this function.
        unsafe { Sock::from_raw(first as *mut _) }
    }

    #[inline(always)]
    fn lend(held: &'h mut Self::Held) -> Self {
        held
    }

    #[inline(always)]
    fn registers(self) -> (Register, Register) {
        (self.as_raw() as Register, 0)
    }
}

/// A full TCP socket that can be read.
///
/// Unlike [`Sock`], it can be returned, and there may be several.
#[repr(transparent)]
pub struct TcpSock(Opaque<RawSock>);

impl TcpSock {
    /// What there is to read.
    #[inline]
    pub fn info(&self) -> InfoSock<'_> {
        // SAFETY: A valid, full TCP socket, as long as there is a reference to it.
        unsafe { InfoSock::from_raw(self.0.get()) }
    }
}

impl<'h> From<&'h Sock<'_>> for &'h TcpSock {
    #[inline]
    fn from(sk: &'h Sock<'_>) -> Self {
        // SAFETY: A valid, full TCP socket, which nobody writes to while it is borrowed.
        unsafe { &*sk.as_raw().cast() }
    }
}

// SAFETY: The verifier lets trusted pointers through, and no other programs but those that have
// full TCP sockets may call (`is_for_owners`).
unsafe impl<'h> Argument<'h> for &'h TcpSock {
    type Held = Self;
    const DECLARED: Declared = Declared {
        is_socket: true,
        ..Declared::of_tcp("struct tcp_sock *", "&TcpSock")
    };

    #[inline(always)]
    unsafe fn hold(first: Register, _: Register) -> Self {
        // SAFETY: By the contract of this function.
        unsafe { &*(first as *const TcpSock) }
    }

    #[inline(always)]
    fn lend(held: &mut Self) -> Self {
        held
    }

    #[inline(always)]
    fn registers(self) -> (Register, Register) {
        (self.0.get() as Register, 0)
    }
}

// SAFETY: As above, or NULL.
unsafe impl<'h> Argument<'h> for Option<&'h TcpSock> {
    type Held = Self;
    const DECLARED: Declared = Declared {
        rust: "Option<&TcpSock>",
        ..<&TcpSock as Argument<'_>>::DECLARED.nullable()
    };

    #[inline(always)]
    unsafe fn hold(first: Register, _: Register) -> Self {
        // SAFETY: By the contract of this function, unless it is NULL.
        unsafe { (first as *const TcpSock).as_ref() }
    }

    #[inline(always)]
    fn lend(held: &mut Self) -> Self {
        *held
    }

    #[inline(always)]
    fn registers(self) -> (Register, Register) {
        (self.map_or(0, |sk| sk.0.get() as Register), 0)
    }
}

// SAFETY: NULL, or the address of a socket that the caller has.
unsafe impl Return for Option<&TcpSock> {
    const DECLARED: (&'static str, &'static str) = ("struct tcp_sock *", "Option<&TcpSock>");
    const MAY_BE_NULL: bool = true;

    #[inline(always)]
    fn into_register(self) -> Register {
        self.map_or(0, |sk| sk.0.get() as Register)
    }
}

impl Received for Option<&TcpSock> {
    #[inline(always)]
    unsafe fn from_register(register: Register) -> Self {
        // SAFETY: NULL, or the socket that the caller lent to the kfunc.
        unsafe { (register as *const TcpSock).as_ref() }
    }
}
