// SPDX-License-Identifier: GPL-2.0-only

//! The kernel's objects as arguments and results: sockets and samples.

use super::{
    Argument,
    Declared,
    Return, //
};
use tcp_bindings::tcp_sock;
use tcp_cc::{
    context::Unlocked,
    AckSample,
    RateSample,
    Sock, //
};
use tcp_cc_backend::{
    RawAckSample,
    RawRateSample,
    RawSock, //
};

/// Generates arguments that are shared references to something of the kernel's.
macro_rules! objects {
    ($($name:ty as $c:ty: $declared:expr, $nullable:literal;)*) => { $(
        // SAFETY: The verifier lets as many bytes through as such an object has, and what wraps one
        // asks no more of it.
        unsafe impl<'a> Argument for &'a $name {
            type C = $c;
            type Held = &'a $name;
            type Lent<'h>
                = &'h $name
            where
                Self: 'h;
            const DECLARED: Declared = $declared;

            #[inline(always)]
            unsafe fn hold(c: Self::C, _: u32) -> Self::Held {
                // SAFETY: By the contract of this function.
                unsafe { <$name>::from_raw(c.cast()) }
            }

            #[inline(always)]
            fn lend<'h>(held: &'h mut Self::Held) -> Self::Lent<'h>
            where
                Self: 'h,
            {
                held
            }

            #[inline(always)]
            fn into_c(self) -> (Self::C, u32) {
                (self.as_raw().cast(), 0)
            }
        }

        // SAFETY: As above, or NULL.
        unsafe impl<'a> Argument for Option<&'a $name> {
            type C = $c;
            type Held = Option<&'a $name>;
            type Lent<'h>
                = Option<&'h $name>
            where
                Self: 'h;
            const DECLARED: Declared = Declared {
                rust: $nullable,
                ..<&$name as Argument>::DECLARED.nullable()
            };

            #[inline(always)]
            unsafe fn hold(c: Self::C, _: u32) -> Self::Held {
                // SAFETY: By the contract of this function, since it is not NULL.
                (!c.is_null()).then(|| unsafe { &*<$name>::from_raw(c.cast()) })
            }

            #[inline(always)]
            fn lend<'h>(held: &'h mut Self::Held) -> Self::Lent<'h>
            where
                Self: 'h,
            {
                *held
            }

            #[inline(always)]
            fn into_c(self) -> (Self::C, u32) {
                (
                    self.map_or(core::ptr::null_mut::<()>().cast(), |object| {
                        object.as_raw().cast()
                    }),
                    0,
                )
            }
        }
    )* };
}

objects! {
    AckSample as *const RawAckSample:
        Declared::of_tcp("const struct ack_sample *", "&AckSample"), "Option<&AckSample>";
    RateSample as *const RawRateSample:
        Declared::of_tcp("const struct rate_sample *", "&RateSample"), "Option<&RateSample>";
    // Only programs that have full TCP sockets may call (`is_for_owners`).
    Sock<Unlocked> as *mut tcp_sock:
        Declared {
            is_socket: true,
            ..Declared::of_tcp("struct tcp_sock *", "&Sock<Unlocked>")
        },
        "Option<&Sock<Unlocked>>";
}

// SAFETY: The verifier lets trusted pointers to sockets through, and no other programs may call
// but those that own one (`is_for_owners`). There is no other way to it (`is_exclusive`).
unsafe impl<'a> Argument for &'a mut Sock {
    type C = *mut RawSock;
    type Held = &'a mut Sock;
    type Lent<'h>
        = &'h mut Sock
    where
        Self: 'h;
    const DECLARED: Declared = Declared {
        is_exclusive: true,
        is_socket: true,
        ..Declared::of_tcp("struct sock *", "&mut Sock")
    };

    #[inline(always)]
    unsafe fn hold(c: Self::C, _: u32) -> Self::Held {
        // SAFETY: By the contract of this function.
        unsafe { Sock::from_raw(c) }
    }

    #[inline(always)]
    fn lend<'h>(held: &'h mut Self::Held) -> Self::Lent<'h>
    where
        Self: 'h,
    {
        held
    }

    #[inline(always)]
    fn into_c(self) -> (Self::C, u32) {
        (self.as_raw(), 0)
    }
}

// SAFETY: NULL, or the address of a socket that the caller has.
unsafe impl Return for Option<&Sock<Unlocked>> {
    type C = *mut tcp_sock;
    const DECLARED: (&'static str, &'static str) = ("struct tcp_sock *", "Option<&Sock<Unlocked>>");
    const MAY_BE_NULL: bool = true;

    #[inline(always)]
    fn into_c(self) -> Self::C {
        Argument::into_c(self).0
    }

    #[inline(always)]
    unsafe fn from_c(c: Self::C) -> Self {
        // SAFETY: NULL, or the socket that the caller lent to the kfunc.
        unsafe { Self::hold(c, 0) }
    }
}
