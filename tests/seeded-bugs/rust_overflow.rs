// SPDX-License-Identifier: GPL-2.0-only

//! Adds past the end of an integer, on which Rust panics here.

use kernel::prelude::*;

module! {
    type: Module,
    name: "rust_overflow",
    authors: ["The ferrops authors"],
    description: "A seeded bug",
    license: "GPL",
}

struct Module;

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        core::hint::black_box(core::hint::black_box(u32::MAX) + 1);
        Ok(Self)
    }
}
