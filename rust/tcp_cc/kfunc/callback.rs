// SPDX-License-Identifier: GPL-2.0-only

//! The callbacks of an algorithm as kfuncs.

use crate::{
    AckSample,
    CwndEvent,
    RateSample,
    Sock, //
};
use ferrops_kfunc::{
    Argument,
    Declared,
    Return, //
};
use tcp_cc_backend::{
    RawAckSample,
    RawEvent,
    RawRateSample, //
};

/// The declaration of a callback as a kfunc.
#[doc(hidden)]
pub struct Member {
    /// The members whose programs may call it; none for any.
    pub callers: &'static [&'static str],
    /// Its arguments.
    pub arguments: &'static [(&'static str, Declared, usize)],
    /// Its result in C and in Rust.
    pub returns: (&'static str, &'static str),
}

/// Those whose programs may call a callback that can send an ACK or reroute.
///
/// An ACK that the device's queue does not take gets to `tcp_enter_cwr()`, which calls `ssthresh`
/// and then `set_state`: from these two the callback would call itself, as often as it is refused.
/// A sock_ops program that adds to the ACK's header may choose another table, which calls `release`
/// and `init`. The others that are not here ask for a number, and have no use for it (contract 19).
const MAY_SEND: &[&str] = &[
    "cong_avoid",
    "cong_control",
    "cwnd_event",
    "cwnd_event_tx_start",
    "in_ack_event",
    "pkts_acked",
];

/// The members whose programs may call a callback, by the context of its socket.
macro_rules! callers {
    (Locked) => {
        &[]
    };
    // It can hand the socket over to another table.
    (Init) => {
        &["init"]
    };
    (Event) => {
        MAY_SEND
    };
}

/// An argument of a callback as a kfunc declares it.
trait Raw {
    /// Its declaration.
    const DECLARED: Declared;
}

/// Implements [`Raw`].
macro_rules! raw {
    ($($raw:ty as $argument:ty;)*) => {
        $(impl Raw for $raw {
            const DECLARED: Declared = <$argument as Argument>::DECLARED;
        })*
    };
}

raw! {
    u8 as u8;
    u32 as u32;
    i32 as i32;
    RawEvent as CwndEvent;
    *const RawAckSample as &AckSample;
    *const RawRateSample as &RateSample;
}

/// Generates [`members_of_programs`].
macro_rules! members {
    (
        required { $($(#[$r_doc:meta])* $r_ctx:ident $required:ident() -> $r_raw:ty as $r_ty:ty;)* }
        control { $(
            $(#[$c_doc:meta])*
            $variant:ident: $c_ctx:ident
                $control:ident($($c_arg:ident: $c_raw:ty as $c_ty:ty),* $(,)?);
        )* }
        optional { $(
            $(#[$o_doc:meta])*
            $o_ctx:ident $optional:ident($($o_arg:ident: $o_raw:ty as $o_ty:ty),*)
                $(-> $o_ret:ty as $o_ret_ty:ty [$o_range:expr])?;
        )* }
        get_info { $($get_info:tt)* }
    ) => {
        members! { @
            $($r_ctx $required() -> $r_raw;)*
            $($c_ctx $control($($c_arg: $c_raw),*) -> ();)*
            $($o_ctx $optional($($o_arg: $o_raw),*) -> ($($o_ret)?);)*
        }
    };
    (@ $($context:ident $name:ident($($arg:ident: $raw:ty),*) -> $ret:ty;)*) => {
        /// The members of the table that BPF programs have.
        #[doc(hidden)]
        #[allow(non_upper_case_globals, reason = "the members' names are the kernel's")]
        #[allow(unused_parens, reason = "not every member has a result")]
        pub mod members_of_programs {
            use super::*;

            $(
                #[doc = concat!("`", stringify!($name), "`")]
                pub const $name: Member = Member {
                    callers: callers!($context),
                    arguments: &[
                        ("sk", <&mut Sock as Argument>::DECLARED, 1)
                        $(, (stringify!($arg), <$raw as Raw>::DECLARED, 1))*
                    ],
                    returns: <$ret as Return>::DECLARED,
                };
            )*
        }
    };
}

tcp_cc_backend::tcp_congestion_ops!(members);

/// Makes the callbacks of an algorithm kfuncs, for BPF tables that are built of them.
///
/// A line for each: the name of the kfunc, and the member of the table. They can be called for any
/// socket of a BPF algorithm, whatever its private state holds: a state is valid with any bytes.
/// What can send an ACK, reroute or choose another table can be called by the programs of some
/// members only.
///
/// They are for C and BPF. To Rust they are not offered (`import_kfuncs!`):
/// a callback borrows the state in the socket, which its caller may have borrowed already.
///
/// # Examples
///
/// ```ignore
/// ferrops::callback_kfuncs! {
///     KFUNCS: myreno::MyReno;
///
///     myreno_ssthresh = ssthresh;
///     myreno_cong_avoid = cong_avoid;
/// }
/// ```
#[macro_export]
macro_rules! callback_kfuncs {
    (
        $visibility:vis $kfuncs:ident: $algorithm:ty;
        $($name:ident = $callback:ident;)+
    ) => {
        $($crate::__callback_kfunc! { $algorithm, $name, $callback })+
        $crate::__private::__kfuncs_constant! { $visibility $kfuncs }
    };
}

/// The entry and the description of a callback.
#[doc(hidden)]
#[macro_export]
macro_rules! __callback_kfunc {
    ($algorithm:ty, $name:ident, $callback:ident) => {
        $crate::__callback_symbol! { $algorithm, $name, $callback }

        const _: () = {
            use $crate::kfunc::callback::{
                members_of_programs,
                Member, //
            };

            const MEMBER: Member = members_of_programs::$callback;

            $crate::__private::__kfunc_rule! {
                $name,
                $crate::callbacks::table::<$algorithm>().$callback.is_some(),
                "the algorithm has no such callback: take the line out"
            }

            $crate::__private::__kfunc_description! {
                $name, $crate::__private::Description {
                    name: stringify!($name),
                    docs: &[concat!(" The callback `", stringify!($callback), "`.")],
                    members: Some(MEMBER.callers),
                    users: &["tcp_congestion_ops"],
                    flags: &[],
                    returns: MEMBER.returns,
                    may_be_null: false,
                    arguments: MEMBER.arguments,
                    place: (file!(), line!()),
                }
            }
        };
    };
}

/// The symbol of a callback: another name for the member of the table. But for two, whatever a
/// program passes is something that the kernel may pass. The number of a state is narrower than the
/// part of the register that the member looks at; and no ACK acknowledges more than a window.
#[doc(hidden)]
#[macro_export]
macro_rules! __callback_symbol {
    ($algorithm:ty, $name:ident, set_state) => {
        const _: () = {
            use $crate::{
                callbacks,
                __private::{
                    RawSock,
                    U8, //
                }, //
            };

            /// What C and BPF call.
            ///
            /// # Safety
            ///
            /// As for the table's member.
            #[export_name = stringify!($name)]
            unsafe extern "C" fn entry(sk: *mut RawSock, new_state: U8) {
                // SAFETY: The programs of a table call this with a socket of theirs.
                unsafe { callbacks::set_state::<$algorithm>(sk, new_state.into()) }
            }
        };
    };
    ($algorithm:ty, $name:ident, cong_avoid) => {
        // The member by a name of which the compiler knows nothing. Else the algorithm's function
        // would have two callers, and become part of neither.
        ::core::arch::global_asm!(
            concat!(".set __callback_", stringify!($name), ", {}"),
            sym $crate::callbacks::cong_avoid::<$algorithm>,
        );

        const _: () = {
            use $crate::{
                Acked,
                __private::RawSock, //
            };

            extern "C" {
                #[link_name = concat!("__callback_", stringify!($name))]
                fn callback(sk: *mut RawSock, ack: u32, acked: u32);
            }

            /// What C and BPF call.
            ///
            /// # Safety
            ///
            /// As for the table's member.
            #[export_name = stringify!($name)]
            unsafe extern "C" fn entry(sk: *mut RawSock, ack: u32, acked: u32) {
                if acked <= Acked::MAX {
                    // SAFETY: The programs of a table call this with a socket of theirs.
                    unsafe { callback(sk, ack, acked) }
                }
            }
        };
    };
    ($algorithm:ty, $name:ident, $callback:ident) => {
        ::core::arch::global_asm!(
            concat!(".globl ", stringify!($name)),
            concat!(".type ", stringify!($name), ", %function"),
            concat!(".set ", stringify!($name), ", {}"),
            sym $crate::callbacks::$callback::<$algorithm>,
        );
    };
}
