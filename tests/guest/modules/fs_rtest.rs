// SPDX-License-Identifier: GPL-2.0-only

//! Another table of the kernel's, `struct file_system_type`: a file system that is never mounted.
//!
//! C header: [`include/linux/fs.h`](srctree/include/linux/fs.h)

use ferrops::{
    parameters,
    Callback,
    Implementation,
    OpsTable,
    Parameters,
    THIS_MODULE, //
};
use kernel::{
    bindings,
    ffi::c_int, //
};

parameters! {
    /// What can be set from outside.
    pub struct Params {
        /// the error that mounting ends with
        writable error: u32 = 95, 1..=4095;
    }
}

/// The table.
enum FileSystemType {}

// SAFETY: Whoever looks a file system up holds a reference to its owner (`get_fs_type()`), and
// finds none that is unregistered.
unsafe impl OpsTable for FileSystemType {
    type Raw = bindings::file_system_type;

    const C_NAME: &'static str = "file_system_type";
    const ALIAS: &'static str = "fs-";

    unsafe fn register(table: *mut Self::Raw) -> c_int {
        // SAFETY: By the contract of this function.
        unsafe { bindings::register_filesystem(table) }
    }

    unsafe fn unregister(table: *mut Self::Raw) {
        // SAFETY: By the contract of this function. It fails only if there is no such table.
        let _ = unsafe { bindings::unregister_filesystem(table) };
    }
}

/// The file system.
struct Rtest;

/// `init_fs_context`
extern "C" fn init_fs_context(_: *mut bindings::fs_context) -> c_int {
    (Params::error() as c_int).wrapping_neg()
}

// SAFETY: The one callback takes nothing for granted.
unsafe impl Implementation for Rtest {
    type Of = Self;
    type Table = FileSystemType;
    type Raw = bindings::file_system_type;

    const NAME: &'static str = "rtest";
    const PARAMETERS: Parameters = Params::DECLARED;
    const FLAGS: u32 = 0;
    const CALLBACKS: &'static [Option<Callback>] = &[];
    const RAW: Self::Raw = bindings::file_system_type {
        name: c"rtest".as_ptr().cast(),
        owner: THIS_MODULE.cast(),
        init_fs_context: Some(init_fs_context),
        // SAFETY: `NULL` pointers, flags and list heads that the kernel sets up.
        ..unsafe { core::mem::zeroed() }
    };
}

ferrops::module_ops! {
    implementations: [Rtest],
    entry_points: [],
    name: "fs_rtest",
    authors: ["The ferrops authors"],
    description: "A file system that is never mounted",
    license: "GPL",
}
