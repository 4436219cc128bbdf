// SPDX-License-Identifier: GPL-2.0-only

//! Implementations of a table as BPF programs.
//!
//! An implementation is portable; this crate puts it into a BPF object. Its macro takes what
//! `ferrops_ops::module_ops!` takes: so the file that makes a module makes a BPF object too, when
//! `scripts/build-bpf` compiles it.
//!
//! The macro leaves in what rustc writes, for each implementation, a function for every callback
//! that a table may have, one that computes what is derived from parameters, a description of the
//! table that it does have and of its parameters, and where those are kept. From that the script
//! knows what to write in C around them.

#![no_std]

use ferrops_core::{
    Callback,
    ConstText,
    Implementation,
    ParamAccess,
    ParamKind,
    Parameter, //
};

/// What the macro's expansion needs.
#[doc(hidden)]
pub mod __private {
    pub use ferrops_core::Implementation;
}

/// Appends a line for a parameter.
const fn push_parameter<const N: usize>(text: ConstText<N>, parameter: &Parameter) -> ConstText<N> {
    let kind: &[u8] = match parameter.kind {
        ParamKind::Int => b" int ",
        ParamKind::Uint => b" uint ",
        ParamKind::Bool => b" bool ",
    };
    let mode: &[u8] = match parameter.access {
        ParamAccess::Writable => b"writable ",
        // A loader shows all of them.
        ParamAccess::ReadOnly | ParamAccess::Hidden => b"read_only ",
    };
    text.push(b"parameter ")
        .push(parameter.name.to_bytes())
        .push(kind)
        .push(mode)
        .push_number(parameter.bounds.0)
        .push(b" ")
        .push_number(parameter.bounds.1)
        .push(b" ")
        .push_field(parameter.description)
        .push(b"\n")
}

/// Appends a line for a callback: its prototype, or only its name where BPF has none.
const fn push_callback<const N: usize>(text: ConstText<N>, callback: &Callback) -> ConstText<N> {
    let mut text = text.push(b"callback ").push(callback.name.as_bytes());
    if let Some((arguments, returns)) = callback.prototype {
        text = text.push(b" ");
        let mut i = 0;
        while i < arguments.len() {
            text = text
                .push(arguments[i].0.as_bytes())
                .push(b": ")
                .push(arguments[i].1.as_bytes())
                .push(b", ");
            i += 1;
        }
        text = text.push(b"-> ").push(returns.as_bytes());
    }
    text.push(b"\n")
}

/// Returns the description of the table of `I`: lines of words.
#[doc(hidden)]
pub const fn describe<I: Implementation, const N: usize>() -> ConstText<N> {
    let mut text = ConstText::new()
        .push(b"name ")
        .push(I::NAME.as_bytes())
        .push(b"\nflags ")
        .push_number(I::FLAGS as i64)
        .push(b"\n");
    let mut i = 0;
    while i < I::CALLBACKS.len() {
        if let Some(callback) = &I::CALLBACKS[i] {
            text = push_callback(text, callback);
        }
        i += 1;
    }
    let mut i = 0;
    while i < I::PARAMETERS.list.len() {
        text = push_parameter(text, &I::PARAMETERS.list[i]);
        i += 1;
    }
    let mut i = 0;
    while i < I::PARAMETERS.derived.len() {
        text = text
            .push(b"derived ")
            .push(I::PARAMETERS.derived[i].name.to_bytes())
            .push(b"\n");
        i += 1;
    }
    text
}

/// Where a parameter or a derived value is kept.
#[doc(hidden)]
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Storage(*const ());

// SAFETY: Nobody follows the pointer: the script reads it, to see which symbol it is.
unsafe impl Sync for Storage {}

/// Returns how many parameters and derived values `I` has.
#[doc(hidden)]
pub const fn storage_len<I: Implementation>() -> usize {
    I::PARAMETERS.list.len() + I::PARAMETERS.derived.len()
}

/// Returns where the parameters of `I` and what is derived from them are kept, in the order of the
/// description.
#[doc(hidden)]
pub const fn storage<I: Implementation, const N: usize>() -> [Storage; N] {
    let parameters = &I::PARAMETERS;
    let mut storage = [Storage(core::ptr::null()); N];
    let mut i = 0;
    while i < N {
        storage[i] = Storage(if i < parameters.list.len() {
            parameters.list[i].__storage()
        } else {
            parameters.derived[i - parameters.list.len()].__storage
        });
        i += 1;
    }
    storage
}

/// Declares BPF programs for implementations of a table.
///
/// Of what the macro of this name takes for a kernel module, only the implementations are of use
/// here, and `entry_points`: a macro that generates functions for C to call,
/// `ferrops_NUMBER_CALLBACK`, of a number and an implementation.
#[macro_export]
macro_rules! module_ops {
    (implementations: [$($implementation:ty),+ $(,)?], entry_points: $entry_points:tt,
     $($for_the_module:tt)*) => {
        $crate::__programs! { $entry_points [0 1 2 3 4 5 6 7] $($implementation),+ }
    };
}

/// Generates, for each implementation, what the crate's documentation says, under names that C
/// knows.
#[doc(hidden)]
#[macro_export]
macro_rules! __programs {
    ([$($entry_points:tt)*] [$($numbers:literal)*]) => {};
    (
        [$($entry_points:tt)*] [$number:literal $($numbers:literal)*]
        $implementation:ty $(, $rest:ty)*
    ) => {
        const _: () = {
            use $crate::__private::Implementation;

            const LEN: usize = $crate::describe::<$implementation, 0>().len();

            #[export_name = concat!("ferrops_", $number)]
            static DESCRIPTION: [u8; LEN] = $crate::describe::<$implementation, LEN>().into_bytes();

            #[export_name = concat!("ferrops_", $number, "_storage")]
            static STORAGE: [$crate::Storage; $crate::storage_len::<$implementation>()] =
                $crate::storage::<$implementation, { $crate::storage_len::<$implementation>() }>();

            #[export_name = concat!("ferrops_", $number, "_derive")]
            extern "C" fn derive() {
                (<$implementation as Implementation>::PARAMETERS.derive)()
            }
        };
        $($entry_points)*! { $number, $implementation }
        $crate::__programs! { [$($entry_points)*] [$($numbers)*] $($rest),* }
    };
}
