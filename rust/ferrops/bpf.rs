// SPDX-License-Identifier: GPL-2.0-only

//! What the file of a kernel module names, where a BPF object is made of it.
//!
//! The same as in `kernel.rs` beside this file, as far as it is of use there. A BPF object has no
//! kfuncs: what declares some, does nothing.

#![no_std]

pub use ferrops_bpf::module_ops;
pub use tcp_cc::module_tcp_congestion_ops;

/// The types of kfuncs' arguments, for the file of a module to import.
pub mod kfunc {
    use core::marker::PhantomData;

    /// Bytes of a caller's, to be read.
    pub struct Mem<'a>(PhantomData<&'a [u8]>);

    /// Bytes of a caller's, to be read and written.
    pub struct MemMut<'a>(PhantomData<&'a mut [u8]>);
}

/// Declares kfuncs. BPF programs call those of a module.
#[macro_export]
macro_rules! kfuncs {
    ($($for_the_module:tt)*) => {};
}

/// Declares callbacks as kfuncs: a matter of modules.
#[macro_export]
macro_rules! callback_kfuncs {
    ($($for_the_module:tt)*) => {};
}
