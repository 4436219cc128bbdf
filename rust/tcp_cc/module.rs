// SPDX-License-Identifier: GPL-2.0-only

//! An algorithm as a kernel module, or as a BPF object.

/// Declares a module that registers congestion control algorithms; in BPF, an object for each.
///
/// `algorithm` is a type that implements [`CongestionControl`](crate::CongestionControl); a module
/// with more than one has `algorithms: [First, Second]`, which are registered in this order. The
/// rest is as in `ferrops::module_ops!`, which this is with these algorithms: their parameters
/// become the module's, and the kernel finds it by the alias `tcp_<name of the algorithm>` when
/// somebody asks for one of them.
///
/// In a BPF object only the algorithms are of use.
///
/// # Examples
///
/// The module for an algorithm in `myreno.rs`:
///
/// ```ignore
/// #[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
/// mod myreno;
///
/// ferrops::module_tcp_congestion_ops! {
///     algorithm: myreno::MyReno,
///     name: "tcp_myreno",
///     authors: ["Me"],
///     description: "Reno, but mine",
///     license: "GPL",
/// }
/// ```
#[macro_export]
macro_rules! module_tcp_congestion_ops {
    (algorithm: $algorithm:ty, $($rest:tt)*) => {
        $crate::module_tcp_congestion_ops! { algorithms: [$algorithm], $($rest)* }
    };
    (algorithms: [$($algorithm:ty),+ $(,)?], $($rest:tt)*) => {
        ::ferrops::module_ops! {
            implementations: [$($crate::callbacks::Adapters<$algorithm>),+],
            entry_points: [$crate::__entry_points],
            $($rest)*
        }
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "this is not how a module is declared: `algorithm: TYPE, name: \"tcp_...\", \
             authors: [\"...\"], description: \"...\", license: \"GPL\"`, in this order"
        );
    };
}

/// Generates functions that C calls, `ferrops_NUMBER_CALLBACK`, for the implementation
/// `Adapters<A>`.
#[doc(hidden)]
#[macro_export]
macro_rules! __entry_points {
    ($number:literal, $implementation:ty) => {
        $crate::__private::raw_tcp_congestion_ops! {
            [$crate::__entry_points] $number, $implementation:
        }
    };
    (
        $number:literal, $implementation:ty:
        [$($callback:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;)*] $others:tt
    ) => {
        const _: () = {
            use $crate::__private::{
                Implementation,
                RawAckSample,
                RawEvent,
                RawRateSample,
                RawSock, //
            };

            $(
                #[export_name = concat!("ferrops_", $number, "_", stringify!($callback))]
                unsafe extern "C" fn $callback(sk: *mut RawSock $(, $arg: $ty)*) $(-> $ret)? {
                    // SAFETY: The program of this name in the C around this, which is the table's
                    // member, calls it with what the kernel passes (contract 5).
                    unsafe {
                        $crate::callbacks::$callback::<<$implementation as Implementation>::Of>(
                            sk $(, $arg)*
                        )
                    }
                }
            )*
        };
    };
}
