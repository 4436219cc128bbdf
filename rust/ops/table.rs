// SPDX-License-Identifier: GPL-2.0-only

//! What a table of the kernel's is.

use ferrops_bindings as bindings;
use kernel::ffi::c_int;

/// A table of callbacks that modules fill in and register: a `struct *_ops`.
///
/// # Safety
///
/// For as long as somebody may call a callback of a registered table, the kernel must hold a
/// reference to the module that owns the table, but for calls that end before
/// [`unregister`](Self::unregister) returns. Afterwards nobody may find the table any more.
pub unsafe trait OpsTable: 'static {
    /// The struct.
    type Raw: 'static;

    /// Its name in C, without `struct`.
    const C_NAME: &'static str;

    /// What comes before the name of an implementation in the alias of its module, by which the
    /// kernel asks for it (`request_module()`).
    const ALIAS: &'static str;

    /// Registers `table`. Returns 0, or a negative error number.
    ///
    /// # Safety
    ///
    /// `table` must be complete, and stay where it is until it is unregistered and no longer used.
    unsafe fn register(table: *mut Self::Raw) -> c_int;

    /// Unregisters `table`.
    ///
    /// # Safety
    ///
    /// `table` must be registered.
    unsafe fn unregister(table: *mut Self::Raw);
}

/// The module that this is compiled into.
///
/// Declared here since `kernel::ThisModule` is a function of its module.
pub const THIS_MODULE: *mut bindings::module = {
    extern "C" {
        static __this_module: bindings::module;
    }
    (&raw const __this_module).cast_mut()
};
