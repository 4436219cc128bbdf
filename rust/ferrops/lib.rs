// SPDX-License-Identifier: GPL-2.0-only

//! Congestion control algorithms as kernel modules.
//!
//! An algorithm is portable ([`tcp_cc`]); this crate puts it into a kernel. A module names the
//! algorithm and registers it with [`module_tcp_congestion_ops!`]; loading the module makes the
//! algorithm available, unloading it takes it away.
//!
//! # Examples
//!
//! The module for an algorithm in `myreno.rs`:
//!
//! ```ignore
//! #[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
//! mod myreno;
//!
//! ferrops::module_tcp_congestion_ops! {
//!     algorithm: myreno::MyReno,
//!     name: "tcp_myreno",
//!     authors: ["Me"],
//!     description: "Reno, but mine",
//!     license: "GPL",
//! }
//! ```
//!
//! C header: [`include/net/tcp.h`](srctree/include/net/tcp.h)

#![no_std]
#![feature(cfi_encoding)]

pub mod kfunc;
mod modinfo;
mod parameters;
mod registration;

#[cfg(CONFIG_KUNIT = "y")]
pub mod test;

pub use registration::Registration;

/// What the macro's expansion needs.
#[doc(hidden)]
pub mod __private {
    pub use crate::{
        modinfo::{
            check,
            section,
            Entry, //
        },
        parameters::{
            kernel_params,
            KernelParam, //
        },
    };
    pub use kernel;
    pub use pin_init;
    pub use tcp_cc;
    pub use tcp_cc_backend::RawSock;
}

/// Declares a module that registers congestion control algorithms.
///
/// `algorithm` is a type that implements [`tcp_cc::CongestionControl`]; a module with more than one
/// has `algorithms: [First, Second]`, which are registered in this order. Their parameters become
/// the module's, in `/sys/module/*/parameters`. The rest is as in the kernel's `module!`. At the
/// end there may be `kfuncs: KFUNCS`: what [`kfuncs!`] or [`callback_kfuncs!`] defines.
///
/// The license has to be the GPL, since the functions that every algorithm needs are exported to
/// GPL modules only. Whatever the module is called, the kernel finds it when somebody asks for one
/// of its algorithms: it has the alias `tcp_<name of the algorithm>` for each.
///
/// The module does not load if a name is taken (`EEXIST`, of which the kernel makes `EBUSY`; with
/// more than one algorithm see [`Registration::new`]), or if a parameter that is given to `insmod`
/// is not of its type or out of its bounds (`EINVAL`).
#[macro_export]
macro_rules! module_tcp_congestion_ops {
    (algorithm: $algorithm:ty, $($rest:tt)*) => {
        $crate::module_tcp_congestion_ops! { algorithms: [$algorithm], $($rest)* }
    };
    (algorithms: [$($algorithm:ty),+ $(,)?], name: $name:literal, authors: $authors:tt,
     description: $description:literal, license: "GPL" $(, kfuncs: $kfuncs:expr)? $(,)?) => {
        $crate::__private::kernel::prelude::module! {
            type: Module,
            name: $name,
            authors: $authors,
            description: $description,
            license: "GPL",
        }

        /// The module: its algorithms are registered while it is loaded.
        #[$crate::__private::kernel::prelude::pin_data]
        struct Module {
            /// Unregisters when the module goes.
            #[pin]
            registration: $crate::Registration<{
                [$(<$algorithm as $crate::__private::tcp_cc::CongestionControl>::OPS.name),+].len()
            }>,
        }

        impl $crate::__private::kernel::InPlaceModule for Module {
            fn init(
                _: &'static $crate::__private::kernel::ThisModule,
            ) -> impl $crate::__private::pin_init::PinInit<
                Self,
                $crate::__private::kernel::error::Error,
            > {
                $((const {
                    <$algorithm as $crate::__private::tcp_cc::CongestionControl>::PARAMETERS.derive
                })();)+
                $crate::__private::kernel::prelude::try_pin_init!(Self {
                    $(_: {
                        let kfuncs: $crate::kfunc::Kfuncs = $kfuncs;
                        // SAFETY: This is the module's init.
                        unsafe { kfuncs.register() }?;
                    },)?
                    registration <- {
                        let tables = const {
                            [$($crate::__private::kernel::types::Opaque::new(
                                $crate::__private::tcp_cc::callbacks::table::<$algorithm>(),
                            )),+]
                        };
                        // SAFETY: The tables are of this module, whose init this is, and nothing
                        // that can fail follows. The module's exit drops the value; the kernel
                        // calls that when nobody holds a reference to the module, as each socket
                        // that uses a table does.
                        unsafe { $crate::Registration::new(tables) }
                    },
                })
            }
        }

        const _: () = {
            use $crate::__private::{
                check,
                kernel_params,
                section,
                tcp_cc::{
                    callbacks,
                    CongestionControl, //
                },
                Entry,
                KernelParam, //
            };

            // Not left to the registration, so that a message about a table shows this module.
            $(let _ = callbacks::table::<$algorithm>();)+

            const ENTRIES: &[Entry] = &[$(Entry {
                name: <$algorithm as CongestionControl>::OPS.name,
                parameters: <$algorithm as CongestionControl>::PARAMETERS,
            }),+];
            check(ENTRIES);

            const LENGTH: usize = section::<0>(ENTRIES).1;
            #[used(compiler)]
            #[link_section = ".modinfo"]
            static MODINFO: [u8; LENGTH] = section::<LENGTH>(ENTRIES).0;

            $(const _: () = {
                const COUNT: usize = <$algorithm as CongestionControl>::PARAMETERS.list.len();
                #[used(compiler)]
                #[link_section = "__param"]
                static PARAMS: [KernelParam; COUNT] =
                    kernel_params(&<$algorithm as CongestionControl>::PARAMETERS);
            };)+
        };
    };
    (algorithms: $algorithms:tt, name: $name:literal, authors: $authors:tt,
     description: $description:literal, license: $license:literal $($rest:tt)*) => {
        ::core::compile_error!(
            "a congestion control module must be under the GPL: use `license: \"GPL\"`"
        );
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "this is not how a module is declared: `algorithm: TYPE, name: \"tcp_...\", \
             authors: [\"...\"], description: \"...\", license: \"GPL\"`, in this order"
        );
    };
}
