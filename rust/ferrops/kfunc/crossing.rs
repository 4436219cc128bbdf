// SPDX-License-Identifier: GPL-2.0-only

//! What can cross from C and BPF to a kfunc and back: the rules, by type.

use super::description::contains;

/// How an argument is declared.
pub struct Declared {
    /// Its type in C. A buffer has two, with a `|` between them.
    pub c: &'static str,
    /// Its type in Rust.
    pub rust: &'static str,
    /// What the verifier wants at the end of its name.
    pub suffix: &'static str,
    /// Whether no other argument may be the same object.
    pub is_exclusive: bool,
    /// Whether it is a socket.
    pub is_socket: bool,
    /// The only table whose programs have such a thing to pass, if it is not for all.
    pub table: Option<&'static str>,
}

impl Declared {
    pub(crate) const fn scalar(c: &'static str, rust: &'static str) -> Self {
        Self {
            c,
            rust,
            suffix: "",
            is_exclusive: false,
            is_socket: false,
            table: None,
        }
    }

    pub(crate) const fn of_tcp(c: &'static str, rust: &'static str) -> Self {
        Self {
            table: Some("tcp_congestion_ops"),
            ..Self::scalar(c, rust)
        }
    }

    /// How many arguments it is in C.
    pub(crate) const fn count(&self) -> usize {
        1 + contains(self.c, b'|') as usize
    }

    pub(crate) const fn nullable(self) -> Self {
        Self {
            suffix: "__nullable",
            ..self
        }
    }
}

/// What a kfunc may take.
///
/// | in Rust | in C | |
/// |---|---|---|
/// | `u8` ... `u64`, `i8` ... `i64`, `bool` | the same | any value: the verifier does not look |
/// | [`CwndEvent`](tcp_cc::CwndEvent) | `enum tcp_ca_event` | any value |
/// | `&mut Sock` | `struct sock *` | a full TCP socket that the caller owns |
/// | `&Sock<Unlocked>` | `struct tcp_sock *` | one that is only read |
/// | `&AckSample` | `const struct ack_sample *` | as many bytes: the verifier takes any |
/// | `&RateSample` | `const struct rate_sample *` | the same |
/// | `Option<&Sock<Unlocked>>`, of samples too | the same, `..__nullable` | may be `NULL` |
/// | [`Mem<'_>`](super::Mem), `MemMut<'_>` | `(const) void *mem, u32 mem__sz` | bytes |
///
/// Sockets and samples are for the programs of `tcp_congestion_ops` only: others may have a pointer
/// of that type to something that is not a TCP socket, or is not theirs.
///
/// # Safety
///
/// `C` has to be passed as the type that `DECLARED` names, and to have its type id (kCFI). `hold`
/// has to make a valid value of whatever the verifier lets through for that.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a kfunc",
    label = "cannot cross to C and BPF",
    note = "a kfunc takes integers, `bool`, `&mut Sock`, `&Sock<Unlocked>`, `&AckSample`, \
            `&RateSample`, an `Option` of such a reference, `Mem<'_>` and `MemMut<'_>`"
)]
pub unsafe trait Argument: Sized {
    /// What C passes; the first of a buffer's two.
    type C;

    /// What the argument borrows from.
    type Held;

    /// The argument, borrowed for `'h` and not for as long as somebody would like.
    type Lent<'h>
    where
        Self: 'h;

    /// How it is declared.
    const DECLARED: Declared;

    /// Takes it from C; `size` is of a buffer.
    ///
    /// # Safety
    ///
    /// They must be what a caller passes for this type.
    unsafe fn hold(c: Self::C, size: u32) -> Self::Held;

    /// Hands it to the function.
    fn lend<'h>(held: &'h mut Self::Held) -> Self::Lent<'h>
    where
        Self: 'h;

    /// Hands it to C, for a call.
    fn into_c(self) -> (Self::C, u32);
}

/// What a kfunc may return: nothing, a number, or an `Option` of a reference to what it was given,
/// which has the flag `KF_RET_NULL`.
///
/// # Safety
///
/// `C` has to be returned as the type that `DECLARED` names, and to have its type id (kCFI).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a kfunc",
    label = "cannot cross to C and BPF",
    note = "a kfunc returns nothing, an integer, a `bool`, or an `Option<&Sock<Unlocked>>`"
)]
pub unsafe trait Return: Sized {
    /// What C gets.
    type C;

    /// Its type in C and in Rust.
    const DECLARED: (&'static str, &'static str);

    /// Whether a program has to check it for `NULL`.
    const MAY_BE_NULL: bool;

    /// Hands it to C.
    fn into_c(self) -> Self::C;

    /// Takes it from C, after a call.
    ///
    /// # Safety
    ///
    /// It must be what a kfunc with this result returned.
    unsafe fn from_c(c: Self::C) -> Self;
}
