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

mod adapter;
mod registration;

#[cfg(CONFIG_KUNIT = "y")]
pub mod test;

pub use registration::Registration;

/// What the macro's expansion needs.
#[doc(hidden)]
pub mod __private {
    pub use kernel;
    pub use pin_init;
}

/// Declares a module that registers a congestion control algorithm.
///
/// `algorithm` is a type that implements [`tcp_cc::CongestionControl`]. The rest is as in the
/// kernel's `module!`; the license has to be the GPL, since the functions that every algorithm
/// needs are exported to GPL modules only. Name the module `tcp_<name of the algorithm>`: that is
/// what the kernel loads when somebody asks for the algorithm.
#[macro_export]
macro_rules! module_tcp_congestion_ops {
    (algorithm: $algorithm:ty, name: $name:literal, authors: $authors:tt,
     description: $description:literal, license: "GPL" $(,)?) => {
        $crate::__private::kernel::prelude::module! {
            type: Module,
            name: $name,
            authors: $authors,
            description: $description,
            license: "GPL",
        }

        /// The module: registered while it is loaded.
        #[$crate::__private::kernel::prelude::pin_data]
        struct Module {
            /// Unregisters when the module goes.
            #[pin]
            registration: $crate::Registration<$algorithm>,
        }

        impl $crate::__private::kernel::InPlaceModule for Module {
            fn init(
                module: &'static $crate::__private::kernel::ThisModule,
            ) -> impl $crate::__private::pin_init::PinInit<
                Self,
                $crate::__private::kernel::error::Error,
            > {
                $crate::__private::kernel::prelude::try_pin_init!(Self {
                    registration <- $crate::Registration::new(module),
                })
            }
        }
    };
    (algorithm: $algorithm:ty, name: $name:literal, authors: $authors:tt,
     description: $description:literal, license: $license:literal $(,)?) => {
        ::core::compile_error!(
            "a congestion control module must be under the GPL: use `license: \"GPL\"`"
        );
    };
}
