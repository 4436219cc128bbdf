// SPDX-License-Identifier: GPL-2.0-only

//! What is known of an implementation of a table, whatever the table is.

use crate::Parameters;

/// An implementation of a table of callbacks: an algorithm, a queue discipline.
///
/// A table's crate implements it for whatever its authors write. The macro that puts it into a
/// target takes it from here: into a kernel module (`ferrops_ops::module_ops!`), or into a BPF
/// object (`ferrops_bpf::module_ops!`).
///
/// # Safety
///
/// The callbacks of [`RAW`](Self::RAW) must be sound to call in every way in which the kernel calls
/// those of a registered `Table`, for as long as the module is loaded that this is compiled into.
pub unsafe trait Implementation: 'static {
    /// What its author wrote.
    type Of;

    /// Stands for the table. In a module it is a `ferrops_ops::OpsTable`.
    type Table;

    /// The table in C.
    type Raw: 'static;

    /// The name under which users choose it.
    const NAME: &'static str;

    /// The parameters that it has.
    const PARAMETERS: Parameters;

    /// The filled-in table, which belongs to the module that this is compiled into.
    const RAW: Self::Raw;

    /// Flags of the table, as the kernel has them.
    const FLAGS: u32;

    /// The members that it has; `None` for one that is `NULL`.
    const CALLBACKS: &'static [Option<Callback>];
}

/// A member of a table that is a callback.
#[derive(Clone, Copy)]
pub struct Callback {
    /// Its name.
    pub name: &'static str,

    /// Names and C types of its arguments but for the first, which the table fixes, and the C type
    /// of its result; `None` if BPF programs do not have this member.
    pub prototype: Option<Prototype>,
}

/// Names and C types of arguments, and the C type of the result.
pub type Prototype = (&'static [(&'static str, &'static str)], &'static str);
