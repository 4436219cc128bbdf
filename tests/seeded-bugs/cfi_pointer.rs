// SPDX-License-Identifier: GPL-2.0-only

//! Calls a function by a pointer of another type, in Rust.

use core::{
    hint::black_box,
    mem::transmute, //
};
use kernel::prelude::*;

module! {
    type: Module,
    name: "cfi_pointer",
    authors: ["The ferrops authors"],
    description: "A seeded bug",
    license: "GPL",
}

struct Module;

extern "C" fn callback(_: u64) {}

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // SAFETY: None, this is the bug.
        let pointer = unsafe { transmute::<extern "C" fn(u64), extern "C" fn(i64)>(callback) };
        black_box(pointer)(1);
        Ok(Self)
    }
}
