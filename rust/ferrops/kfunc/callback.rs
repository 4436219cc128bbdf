// SPDX-License-Identifier: GPL-2.0-only

//! The callbacks of an algorithm as kfuncs.

/// Where a kfunc ends that is passed what no algorithm may be passed: it does nothing.
#[doc(hidden)]
#[inline]
pub extern "C" fn refused() {}

/// Makes the callbacks of an algorithm kfuncs, for BPF tables that are built of them.
///
/// A line for each: the name of the kfunc, and the member of the table. They can be called for any
/// socket of a BPF algorithm, whatever its private state holds: a state is valid with any bytes.
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
        $crate::__kfuncs_constant! { $visibility $kfuncs }
    };
}

/// The entry and the description of a callback.
#[doc(hidden)]
#[macro_export]
macro_rules! __callback_kfunc {
    ($algorithm:ty, $name:ident, init) => {
        $crate::__callback_kfunc! { $algorithm, $name, init() }
    };
    ($algorithm:ty, $name:ident, release) => {
        $crate::__callback_kfunc! { $algorithm, $name, release() }
    };
    ($algorithm:ty, $name:ident, ssthresh) => {
        $crate::__callback_kfunc! { $algorithm, $name, ssthresh() -> u32 }
    };
    ($algorithm:ty, $name:ident, undo_cwnd) => {
        $crate::__callback_kfunc! { $algorithm, $name, undo_cwnd() -> u32 }
    };
    ($algorithm:ty, $name:ident, cong_avoid) => {
        $crate::__callback_kfunc! { $algorithm, $name, cong_avoid(ack: u32, acked: u32) }
    };
    ($algorithm:ty, $name:ident, cong_control) => {
        $crate::__callback_kfunc! {
            $algorithm, $name, cong_control(ack: u32, flag: i32, rs: &RateSample)
        }
    };
    ($algorithm:ty, $name:ident, set_state) => {
        $crate::__callback_kfunc! { $algorithm, $name, set_state(new_state: u8) }
    };
    ($algorithm:ty, $name:ident, cwnd_event) => {
        $crate::__callback_kfunc! { $algorithm, $name, cwnd_event(event: CwndEvent) }
    };
    ($algorithm:ty, $name:ident, cwnd_event_tx_start) => {
        $crate::__callback_kfunc! { $algorithm, $name, cwnd_event_tx_start() }
    };
    ($algorithm:ty, $name:ident, in_ack_event) => {
        $crate::__callback_kfunc! { $algorithm, $name, in_ack_event(flags: u32) }
    };
    ($algorithm:ty, $name:ident, pkts_acked) => {
        $crate::__callback_kfunc! { $algorithm, $name, pkts_acked(sample: &AckSample) }
    };
    ($algorithm:ty, $name:ident, min_tso_segs) => {
        $crate::__callback_kfunc! { $algorithm, $name, min_tso_segs() -> u32 }
    };
    ($algorithm:ty, $name:ident, sndbuf_expand) => {
        $crate::__callback_kfunc! { $algorithm, $name, sndbuf_expand() -> u32 }
    };
    (
        $algorithm:ty, $name:ident,
        $callback:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?
    ) => {
        $crate::__callback_symbol! { $algorithm, $name, $callback }

        const _: () = {
            #[allow(unused_imports)]
            use $crate::{
                kfunc::{
                    Argument,
                    Return, //
                },
                __private::tcp_cc::{
                    callbacks,
                    AckSample,
                    CwndEvent,
                    RateSample,
                    Sock, //
                },
            };

            $crate::__kfunc_rule! {
                $name, callbacks::table::<$algorithm>().$callback.is_some(),
                "the algorithm has no such callback: take the line out"
            }

            $crate::__kfunc_description! {
                $name, $crate::kfunc::Description {
                    name: stringify!($name),
                    docs: &[concat!(" The callback `", stringify!($callback), "`.")],
                    users: &["tcp_congestion_ops"],
                    flags: &[],
                    returns: $crate::__returns!($($ret)?),
                    may_be_null: false,
                    arguments: &[
                        ("sk", <&mut Sock as Argument<'_>>::DECLARED, 1)
                        $(, (stringify!($arg), <$ty as Argument<'_>>::DECLARED, 1))*
                    ],
                    place: (file!(), line!()),
                }
            }
        };
    };
    ($algorithm:ty, $name:ident, $($other:tt)*) => {
        ::core::compile_error!(
            "this is no member of a table that a program has, such as `ssthresh`, `cong_avoid`, \
             `pkts_acked`"
        );
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
            /// What C and BPF call.
            ///
            /// # Safety
            ///
            /// As for the table's member.
            #[export_name = stringify!($name)]
            unsafe extern "C" fn entry(
                sk: *mut $crate::__private::RawSock,
                new_state: $crate::kfunc::Register,
            ) {
                use $crate::__private::tcp_cc::callbacks;
                // SAFETY: The programs of a table call this with a socket of theirs.
                unsafe { callbacks::set_state::<$algorithm>(sk, new_state as u8) }
            }
        };
    };
    ($algorithm:ty, $name:ident, cong_avoid) => {
        // The member by a name of which the compiler knows nothing: or it would be compiled twice.
        ::core::arch::global_asm!(
            concat!(".set __callback_", stringify!($name), ", {}"),
            sym $crate::__private::tcp_cc::callbacks::cong_avoid::<$algorithm>,
        );

        // It goes on behind the member's own `endbr64`, for which Rust has no words; scripts/kfuncs
        // makes sure of that one. Arguments and stack stay as they are, so the contract is the
        // member's: the programs of a table call it with a socket of theirs.
        #[cfg(all(target_arch = "x86_64", CONFIG_X86_KERNEL_IBT))]
        ::core::arch::global_asm!(
            concat!(".globl ", stringify!($name)),
            concat!(".type ", stringify!($name), ", %function"),
            ".balign {align}, 0x90",
            ".skip {padding}, 0x90",
            concat!(stringify!($name), ":"),
            "endbr64",
            "cmp edx, {limit}",
            concat!("jb __callback_", stringify!($name), " + 4"),
            "jmp {refused}",
            concat!(".size ", stringify!($name), ", . - ", stringify!($name)),
            align = const $crate::__private::kernel::bindings::CONFIG_FUNCTION_ALIGNMENT,
            padding = const $crate::__private::kernel::bindings::CONFIG_FUNCTION_PADDING_BYTES,
            limit = const $crate::__private::tcp_cc::Acked::MAX + 1,
            refused = sym $crate::kfunc::refused,
        );

        #[cfg(not(all(target_arch = "x86_64", CONFIG_X86_KERNEL_IBT)))]
        const _: () = {
            use $crate::__private::{
                tcp_cc::Acked,
                RawSock, //
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
            sym $crate::__private::tcp_cc::callbacks::$callback::<$algorithm>,
        );
    };
}
