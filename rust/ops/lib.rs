// SPDX-License-Identifier: GPL-2.0-only

//! Tables of callbacks of the kernel's, filled in and registered by modules.
//!
//! C has many of them, all alike: a struct of function pointers with a name and an owner, which a
//! module registers when it is loaded and unregisters when it goes. This crate knows how, and no
//! table by name. It is to tables what `kernel::driver` is to buses.
//!
//! # How to bring another table
//!
//! Implement [`OpsTable`] for a type that stands for the table, and
//! [`Implementation`](ferrops_core::Implementation) for what your authors write; then
//! [`module_ops!`] makes modules of it. `tests/guest/modules/fs_rtest.rs` does no more than
//! that, for `struct file_system_type`.
//!
//! What a table's crate has to see to itself: that its callbacks are sound to call in every way in
//! which the kernel calls them. That is the contract of `Implementation`.
//!
//! # Not supported
//!
//! - Tables that the kernel frees or that come and go while the module stays loaded.
//! - Tables whose users are not counted by references to the module that owns them.

#![no_std]

mod modinfo;
mod module;
mod parameters;
mod registration;
mod table;

pub use registration::Registration;
pub use table::{
    OpsTable,
    THIS_MODULE, //
};

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
            param_ops,
            KernelParam,
            ParamOps, //
        },
    };
    pub use ferrops_core::Implementation;
    pub use ferrops_kfunc::Kfuncs;
    pub use kernel;
    pub use pin_init;
}
