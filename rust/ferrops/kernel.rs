// SPDX-License-Identifier: GPL-2.0-only

//! What the file of a kernel module names.
//!
//! An implementation of a table is portable, and knows only the table's crate (`tcp_cc`). The file
//! that puts it into a target knows this crate beside that: here it makes a kernel module, in
//! `bpf.rs` beside this file a BPF object, of the same source.

#![no_std]

pub use ferrops_core::{
    parameters,
    Callback,
    Implementation,
    Parameters, //
};
pub use ferrops_kfunc as kfunc;
pub use ferrops_kfunc::{
    __imported_kfuncs,
    import_kfuncs,
    kfuncs,
    module_kfuncs, //
};
pub use ferrops_ops::{
    module_ops,
    OpsTable,
    Registration,
    THIS_MODULE, //
};
pub use tcp_cc::{
    callback_kfuncs,
    module_tcp_congestion_ops, //
};
