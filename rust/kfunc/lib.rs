// SPDX-License-Identifier: GPL-2.0-only

//! Functions for others: C and Rust modules, and BPF programs.
//!
//! [`kfuncs!`](crate::kfuncs) makes safe functions part of a module's interface. Each becomes
//!
//! - a symbol that C can call, exported with `EXPORT_SYMBOL_GPL`;
//! - a kfunc: BPF programs of the kinds it names may call it. Its prototype is in the module's BTF;
//! - a declaration in `<module>_kfuncs.h`, for C, and one for
//!   [`import_kfuncs!`](crate::import_kfuncs), for Rust.
//!
//! The module registers them when it is loaded, if its `module_...!` macro is given the constant
//! that `kfuncs!` defines. There is no unregistering: they go with the module, which stays as long
//! as a program that calls them.
//!
//! # Examples
//!
//! ```ignore
//! ferrops::kfuncs! {
//!     KFUNCS;
//!
//!     /// The square root of `a`, rounded down.
//!     #[kfunc(sched_ext_ops, syscall)]
//!     pub fn foo_square_root(a: u64) -> u32 {
//!         a.isqrt() as u32
//!     }
//! }
//!
//! ferrops::module_kfuncs! {
//!     kfuncs: KFUNCS,
//!     name: "foo",
//!     authors: ["Me"],
//!     description: "Square roots",
//!     license: "GPL",
//! }
//! ```
//!
//! # Who may call
//!
//! `#[kfunc(...)]` names the programs: a type (`struct_ops`, `syscall`, `tracing`, `sched_cls`,
//! `sched_act`, `xdp`, `cgroup`, `socket_filter`, `sk_skb`, `lwt`, `netfilter`, `kprobe`), or the
//! programs of a table, by the name of its struct (`sched_ext_ops`, `Qdisc_ops`). After a semicolon
//! come flags as in [`include/linux/btf.h`](srctree/include/linux/btf.h), such as `KF_SLEEPABLE`.
//!
//! # Types
//!
//! What an argument may be, and how it is passed, is what implements [`Argument`]; results
//! implement [`Return`]. Here those are numbers and buffers; a table's crate adds the table's
//! objects.
//!
//! # The author's duty
//!
//! The verifier knows the types of arguments, and no more. A kfunc is called millions of times, in
//! any order, with any numbers, and with objects whose state was written by somebody else. The
//! compiler and the build see to it that it takes what it says it takes, cannot panic, and takes
//! little stack; it has no statics to depend on unless its author gives it some. That it *means*
//! something for every argument, that its loops end soon, and that it is a function of its
//! arguments alone, is for the author to see to.

#![no_std]
#![feature(cfi_encoding)]

mod abi;
mod buffer;
mod description;
mod import;
mod number;
mod object;

pub use abi::{
    Argument,
    Declared,
    Return, //
};
pub use buffer::{
    Mem,
    MemMut, //
};
pub use description::Description;
#[doc(hidden)]
pub use number::U8;
pub use object::{
    Object,
    Pointer, //
};

/// What the macros' expansions need.
#[doc(hidden)]
pub mod __private {
    pub use kernel;
}

use kernel::{
    error::to_result,
    prelude::*, //
};

/// A module's kfuncs: what `kfuncs!` defines, and what the module's macro wants.
pub struct Kfuncs(());

impl Kfuncs {
    /// Creates the token for the kfuncs that are described in this object.
    ///
    /// # Safety
    ///
    /// The object that this is compiled into must describe kfuncs: [`kfuncs!`] sees to that.
    #[doc(hidden)]
    pub const unsafe fn new() -> Self {
        Self(())
    }

    /// Registers all kfuncs of this module; says in the log why it cannot be done.
    ///
    /// A kernel without BPF, or a module without BTF, is not an error: then they are exports only,
    /// and the log says so.
    ///
    /// # Safety
    ///
    /// To be called once, by the module's init: the memory of what does it goes after that.
    #[doc(hidden)]
    pub unsafe fn register(&self) -> Result {
        extern "C" {
            /// Written by `scripts/kfuncs`.
            fn ferrops_register_kfuncs() -> kernel::ffi::c_int;
        }
        // SAFETY: By the contract of this function, and there are kfuncs, since there is `self`.
        to_result(unsafe { ferrops_register_kfuncs() })
    }
}

/// Makes functions kfuncs: see [this crate](crate).
#[macro_export]
macro_rules! kfuncs {
    (
        $visibility:vis $kfuncs:ident;
        $(
            $(#[doc = $doc:expr])*
            #[kfunc($($user:ident),+ $(,)? $(; $($flag:ident)|+)?)]
            $vis:vis fn $name:ident($($args:tt)*) $(-> $ret:ty)? $body:block
        )+
    ) => {
        $(
            $(#[doc = $doc])*
            #[forbid(unsafe_code)]
            $vis fn $name($($args)*) $(-> $ret)? $body

            // Without a result `($($ret)?)` is the type `()`, and with one the type itself.
            $crate::__kfunc! {
                { $name, [$($doc),*], [$($user),+], [$($($flag),+)?], ($($ret)?) }
                [] [] $($args)*
            }
        )+
        $crate::__kfuncs_constant! { $visibility $kfuncs }
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "these are not kfuncs: first a name for all of them, `KFUNCS;`, then safe functions \
             without type parameters, each with a doc comment and then `#[kfunc(who may call)]` as \
             its only other attribute, such as \
             `#[kfunc(syscall)] pub fn foo_bar(a: u64) -> u32 { ... }`"
        );
    };
}

/// Defines the constant that stands for a module's kfuncs.
#[doc(hidden)]
#[macro_export]
macro_rules! __kfuncs_constant {
    ($visibility:vis $kfuncs:ident) => {
        /// The kfuncs.
        #[allow(dead_code, reason = "of several one is named; the build finds if none is")]
        // SAFETY: There is a description beside this.
        $visibility const $kfuncs: $crate::Kfuncs = unsafe { $crate::Kfuncs::new() };
    };
}

/// One kfunc: goes through its arguments, for a buffer is two in C; then writes its entry and its
/// description.
#[doc(hidden)]
#[macro_export]
macro_rules! __kfunc {
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: Mem<'_> $(, $($rest:tt)*)?) => {
        $crate::__kfunc! {
            $head
            [$($params)* $arg: <$crate::Mem<'_> as Argument>::Abi, size: u32,]
            [$($done)* { $arg, $crate::Mem<'_>, size, 2 }]
            $($($rest)*)?
        }
    };
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: MemMut<'_> $(, $($rest:tt)*)?) => {
        $crate::__kfunc! {
            $head
            [$($params)* $arg: <$crate::MemMut<'_> as Argument>::Abi, size: u32,]
            [$($done)* { $arg, $crate::MemMut<'_>, size, 2 }]
            $($($rest)*)?
        }
    };
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: $ty:ty $(, $($rest:tt)*)?) => {
        $crate::__kfunc! {
            $head
            [$($params)* $arg: <$ty as Argument>::Abi,]
            [$($done)* { $arg, $ty, 0, 1 }]
            $($($rest)*)?
        }
    };
    (
        { $name:ident, [$($doc:expr),*], [$($user:ident),+], [$($flag:ident),*], $ret:ty }
        [$($params:tt)*] [$({ $arg:ident, $ty:ty, $size:expr, $taken:literal })*]
    ) => {
        const _: () = {
            use $crate::{
                Argument,
                Return, //
            };

            /// What C and BPF call.
            ///
            /// # Safety
            ///
            /// The arguments must be of the types that the kfunc is declared with.
            #[export_name = stringify!($name)]
            unsafe extern "C" fn entry($($params)*) -> <$ret as Return>::Abi {
                $(
                    // SAFETY: By this function's contract.
                    let mut $arg = unsafe { <$ty as Argument>::from_abi($arg, $size) };
                )*
                <$ret as Return>::into_abi($name($(<$ty as Argument>::borrow(&mut $arg)),*))
            }

            $crate::__kfunc_description! {
                $name, $crate::Description {
                    name: stringify!($name),
                    docs: &[$($doc),*],
                    members: None,
                    users: &[$(stringify!($user)),+],
                    flags: &[$(stringify!($flag)),*],
                    returns: <$ret as Return>::DECLARED,
                    may_be_null: <$ret as Return>::MAY_BE_NULL,
                    arguments: &[$((stringify!($arg), <$ty as Argument>::DECLARED, $taken)),*],
                    place: (file!(), line!()),
                }
            }
        };
    };
    ({ $name:ident, $($rest:tt)* } $($other:tt)*) => {
        ::core::compile_error!(concat!(
            "the arguments of the kfunc `", stringify!($name), "` have names that callers see: \
             write each as `name: Type`, without `mut`, `_` or a pattern"
        ));
    };
}

/// Declares a module whose only purpose are its kfuncs.
#[macro_export]
macro_rules! module_kfuncs {
    (kfuncs: $kfuncs:expr, name: $name:literal, authors: $authors:tt,
     description: $description:literal, license: "GPL" $(,)?) => {
        $crate::__private::kernel::prelude::module! {
            type: Module,
            name: $name,
            authors: $authors,
            description: $description,
            license: "GPL",
        }

        /// The module: its kfuncs are there while it is loaded.
        struct Module;

        impl $crate::__private::kernel::Module for Module {
            fn init(
                _: &'static $crate::__private::kernel::ThisModule,
            ) -> $crate::__private::kernel::error::Result<Self> {
                // Not in the block below, where it might do anything.
                let kfuncs: $crate::Kfuncs = $kfuncs;
                // SAFETY: This is the module's init.
                unsafe { kfuncs.register() }?;
                Ok(Self)
            }
        }
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "this is not how a module of kfuncs is declared: `kfuncs: KFUNCS, name: \"...\", \
             authors: [\"...\"], description: \"...\", license: \"GPL\"`, in this order"
        );
    };
}
