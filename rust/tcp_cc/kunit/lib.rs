// SPDX-License-Identifier: GPL-2.0-only

//! What KUnit suites of the library and of algorithms need.
//!
//! A [`FakeSock`] is a zeroed `struct tcp_sock` whose [`Fields`] a test sets at will. Its callbacks
//! go through the C table that the kernel would get of an algorithm, or through that of the C
//! reference ([`Table`]). [`Pair`] does the same to two sockets and says whether the same came of
//! it. A [`RealSock`] is one of the kernel's, and can be connected.
//!
//! An assertion of KUnit that fails ends its test at once and drops nothing. So what is registered
//! or connected has to be dropped before anything is asserted; and sockets before the registration
//! of the algorithm that they use, which does not wait for them.
//!
//! Only in kernels with `CONFIG_KUNIT=y`.

#![no_std]

mod fake;
mod pair;
mod parameter;
mod random;
mod real;
mod table;

/// The C side, to compare with.
pub use ferrops_bindings as bindings;

pub use fake::{
    acked,
    with_rate_sample,
    with_sample,
    Answer,
    FakeSock,
    Fields, //
};
/// Parameters of a module, as the kernel has them.
pub use ferrops_ops::__private::{
    kernel_params,
    param_ops,
    KernelParam,
    ParamOps, //
};
pub use pair::Pair;
pub use parameter::ModuleParameter;
pub use random::Random;
pub use real::{
    references,
    Family,
    RealSock, //
};
pub use table::{
    registered,
    Table, //
};

use kernel::prelude::*;
use tcp_cc::Jiffies32;

/// What the macro's expansion needs.
#[doc(hidden)]
pub mod __private {
    pub use kernel;
}

/// Declares a module that does nothing but carry suites.
#[macro_export]
macro_rules! kunit_module {
    (name: $name:literal, description: $description:literal $(,)?) => {
        $crate::__private::kernel::prelude::module! {
            type: Module,
            name: $name,
            authors: ["The ferrops authors"],
            description: $description,
            license: "GPL",
        }

        /// Does nothing but carry the suites.
        struct Module;

        impl $crate::__private::kernel::Module for Module {
            fn init(
                _: &'static $crate::__private::kernel::ThisModule,
            ) -> $crate::__private::kernel::error::Result<Self> {
                Ok(Self)
            }
        }
    };
}

/// C's `__usecs_to_jiffies()`.
#[inline]
pub fn c_usecs_to_jiffies(usecs: u32) -> u64 {
    // SAFETY: It only computes.
    unsafe { bindings::__usecs_to_jiffies(usecs) as u64 }
}

/// Calls `f` with the current tick, again and again until the clock did not tick meanwhile.
#[inline]
pub fn in_one_tick<R>(mut f: impl FnMut(Jiffies32) -> R) -> R {
    loop {
        let now = Jiffies32::now();
        let result = f(now);
        if Jiffies32::now() == now {
            return result;
        }
    }
}

/// Does `holds` for `count` numbers 0, 1, ..: says which is the first for which it does not.
#[inline]
pub fn all(count: u32, mut holds: impl FnMut(u32) -> bool) -> bool {
    match (0..count).find(|&i| !holds(i)) {
        Some(i) => {
            kernel::kunit::err(fmt!("    # does not hold for case {i}\n"));
            false
        }
        None => true,
    }
}

/// Shows what a failed case was about; returns `false`.
#[inline]
pub fn explain(what: &dyn core::fmt::Debug) -> bool {
    kernel::kunit::err(fmt!("    # {what:?}\n"));
    false
}
