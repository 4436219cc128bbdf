// SPDX-License-Identifier: GPL-2.0-only

//! What implementations of any table of callbacks need, on any target.
//!
//! A table's crate is built on this one: it offers its authors what is here under its own name.
//! Nothing here knows a table, a target, or the `kernel` crate.
//!
//! - [`AnyBytes`]: data that C keeps for Rust, and that no constructor may have seen;
//!   [`any_bytes!`] and [`bit_fields!`] declare it.
//! - [`Parameters`]: what a user may set, declared with [`parameters!`].
//! - [`quantity!`] and [`clock!`]: numbers with a unit, and [`Wrapping32`], one without: their
//!   arithmetic wraps and never panics.
//! - [`div_or`], [`LookupTable`], [`SmallArray`]: what would panic, or what BPF's verifier would
//!   refuse, in a way that cannot.
//! - [`Opaque`]: a C struct behind a Rust reference.
//! - [`ConstText`]: texts that the compiler puts together.
//! - [`Implementation`]: what the macros want that put an implementation into a target.

#![no_std]

mod any_bytes;
mod arithmetic;
mod bits;
mod clock;
mod const_text;
mod implementation;
mod lookup;
mod opaque;
mod parameters;
mod quantity;
mod word;
mod wrapping;

pub use any_bytes::AnyBytes;
pub use arithmetic::{
    cold_call,
    div64_or,
    div_or, //
};
pub use bits::BitField;
pub use const_text::{
    contains,
    equal,
    ConstText, //
};
pub use implementation::{
    Callback,
    Implementation,
    Prototype, //
};
pub use lookup::{
    LookupTable,
    SmallArray, //
};
pub use opaque::Opaque;
pub use parameters::{
    DerivedParam,
    ParamAccess,
    ParamKind,
    ParamValue,
    Parameter,
    Parameters,
    __Unbounded,
    __c_name, //
};
pub use wrapping::Wrapping32;

/// What the macros' expansions need.
#[doc(hidden)]
pub mod __private {
    pub use crate::word::{
        AtomicU32,
        AtomicU64, //
    };
}
