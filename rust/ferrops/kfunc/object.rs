// SPDX-License-Identifier: GPL-2.0-only

//! The kernel's objects as arguments and results: sockets and samples.

use super::{
    Argument,
    Declared,
    Received,
    Register,
    Return, //
};
use tcp_cc::{
    context::Unlocked,
    AckSample,
    RateSample,
    Sock, //
};

/// Generates arguments that are shared references to something of the kernel's.
macro_rules! objects {
    ($($name:ty: $declared:expr, $nullable:literal;)*) => { $(
        // SAFETY: The verifier lets as many bytes through as such an object has, and what wraps one
        // asks no more of it.
        unsafe impl<'h> Argument<'h> for &'h $name {
            type Held = Self;
            const DECLARED: Declared = $declared;

            #[inline(always)]
            unsafe fn hold(first: Register, _: Register) -> Self {
                // SAFETY: By the contract of this function.
                unsafe { <$name>::from_raw(first as *mut _) }
            }

            #[inline(always)]
            fn lend(held: &'h mut Self) -> Self {
                held
            }

            #[inline(always)]
            fn registers(self) -> (Register, Register) {
                (self.as_raw() as Register, 0)
            }
        }

        // SAFETY: As above, or NULL.
        unsafe impl<'h> Argument<'h> for Option<&'h $name> {
            type Held = Self;
            const DECLARED: Declared = Declared {
                rust: $nullable,
                ..<&$name as Argument<'_>>::DECLARED.nullable()
            };

            #[inline(always)]
            unsafe fn hold(first: Register, _: Register) -> Self {
                // SAFETY: By the contract of this function, since it is not NULL.
                (first != 0).then(|| unsafe { &*<$name>::from_raw(first as *mut _) })
            }

            #[inline(always)]
            fn lend(held: &'h mut Self) -> Self {
                *held
            }

            #[inline(always)]
            fn registers(self) -> (Register, Register) {
                (self.map_or(0, |object| object.as_raw() as Register), 0)
            }
        }
    )* };
}

objects! {
    AckSample: Declared::of_tcp("const struct ack_sample *", "&AckSample"), "Option<&AckSample>";
    RateSample: Declared::of_tcp("const struct rate_sample *", "&RateSample"),
        "Option<&RateSample>";
    // Only programs that have full TCP sockets may call (`is_for_owners`).
    Sock<Unlocked>: Declared {
        is_socket: true,
        ..Declared::of_tcp("struct tcp_sock *", "&Sock<Unlocked>")
    }, "Option<&Sock<Unlocked>>";
}

// SAFETY: The verifier lets trusted pointers to sockets through, and no other programs may call
// but those that own one (`is_for_owners`). There is no other way to it (`is_exclusive`).
unsafe impl<'h> Argument<'h> for &'h mut Sock {
    type Held = Self;
    const DECLARED: Declared = Declared {
        is_exclusive: true,
        is_socket: true,
        ..Declared::of_tcp("struct sock *", "&mut Sock")
    };

    #[inline(always)]
    unsafe fn hold(first: Register, _: Register) -> Self {
        // SAFETY: By the contract of this function.
        unsafe { Sock::from_raw(first as *mut _) }
    }

    #[inline(always)]
    fn lend(held: &'h mut Self) -> Self {
        held
    }

    #[inline(always)]
    fn registers(self) -> (Register, Register) {
        (self.as_raw() as Register, 0)
    }
}

// SAFETY: NULL, or the address of a socket that the caller has.
unsafe impl Return for Option<&Sock<Unlocked>> {
    const DECLARED: (&'static str, &'static str) = ("struct tcp_sock *", "Option<&Sock<Unlocked>>");
    const MAY_BE_NULL: bool = true;

    #[inline(always)]
    fn into_register(self) -> Register {
        self.map_or(0, |sk| sk.as_raw() as Register)
    }
}

impl Received for Option<&Sock<Unlocked>> {
    #[inline(always)]
    unsafe fn from_register(register: Register) -> Self {
        // SAFETY: NULL, or the socket that the caller lent to the kfunc.
        (register != 0).then(|| unsafe { &*Sock::from_raw(register as *mut _) })
    }
}
