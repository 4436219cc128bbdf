// SPDX-License-Identifier: GPL-2.0-only

//! Any field of a socket.

use crate::{
    context::Context,
    Sock, //
};
use tcp_cc_backend::SockField;

/// Reads a field of a socket by its name in C: for one that [`Sock`] has no getter of.
///
/// The first word is the struct that has the field: `tcp_sock`, `inet_connection_sock`, `inet_sock`
/// or `sock`, which all begin a socket. The type is an integer, as wide as the field and with a
/// sign if that has one; a bit field is none. In a module another type, or a name that the kernel
/// does not have, does not compile. In a BPF object whoever loads it looks the field up by its name
/// (CO-RE). On the host a test sets it, with `connection.sk.others.set("tcp_sock.rx_opt.user_mss",
/// 536)`.
///
/// The field is read once (`READ_ONCE()`). Whether it may change meanwhile, and what it means, is
/// for the reader to know: a getter says that, and has a unit.
///
/// # Examples
///
/// ```
/// use tcp_cc::prelude::*;
///
/// /// Whether the other end takes less than 1 KiB in a segment.
/// fn is_narrow(sk: &Sock) -> bool {
///     field!(sk, tcp_sock.rx_opt.mss_clamp: u16) < 1024
/// }
/// ```
///
/// ```compile_fail
/// # use tcp_cc::prelude::*;
/// fn is_of_another_struct(sk: &Sock) -> u32 {
///     field!(sk, request_sock.mss: u32)
/// }
/// ```
#[macro_export]
macro_rules! field {
    ($sk:expr, tcp_sock $($path:tt)+) => {
        $crate::field! { @read $sk, tcp_sock $($path)+ }
    };
    ($sk:expr, inet_connection_sock $($path:tt)+) => {
        $crate::field! { @read $sk, inet_connection_sock $($path)+ }
    };
    ($sk:expr, inet_sock $($path:tt)+) => {
        $crate::field! { @read $sk, inet_sock $($path)+ }
    };
    ($sk:expr, sock $($path:tt)+) => {
        $crate::field! { @read $sk, sock $($path)+ }
    };
    (@read $sk:expr, $struct:ident $(. $member:ident $([$index:literal])?)+ : $ty:ident) => {
        $sk.__field($crate::__private::sock_field!($struct $(. $member $([$index])?)+ : $ty))
    };
    ($sk:expr, $($other:tt)+) => {
        ::core::compile_error!(
            "a field of a socket is written as `tcp_sock.rx_opt.rcv_tsval: u32`; the structs that \
             begin a socket are `tcp_sock`, `inet_connection_sock`, `inet_sock` and `sock`"
        )
    };
}

impl<Ctx: Context> Sock<Ctx> {
    /// What [`field!`](crate::field) reads.
    #[doc(hidden)]
    #[inline(always)]
    pub fn __field<F: SockField>(&self, _: F) -> F::Value {
        // SAFETY: A valid socket by the type invariants.
        unsafe { F::read(self.as_raw()) }
    }
}
