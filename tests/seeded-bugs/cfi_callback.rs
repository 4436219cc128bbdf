// SPDX-License-Identifier: GPL-2.0-only

//! Has C call a function in Rust by a pointer of another type.

use core::{
    mem::transmute,
    ptr::null_mut, //
};
use kernel::{
    bindings,
    ffi::c_void,
    prelude::*, //
};

module! {
    type: Module,
    name: "cfi_callback",
    authors: ["The ferrops authors"],
    description: "A seeded bug",
    license: "GPL",
}

struct Module;

unsafe extern "C" fn callback(_: u64) {}

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        type Wanted = unsafe extern "C" fn(*mut c_void);
        // SAFETY: None, this is the bug.
        let pointer = unsafe { transmute::<unsafe extern "C" fn(u64), Wanted>(callback) };
        // SAFETY: It is called now, and touches nothing.
        unsafe { bindings::smp_call_function_single(0, Some(pointer), null_mut(), true) };
        Ok(Self)
    }
}
