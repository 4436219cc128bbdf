// SPDX-License-Identifier: GPL-2.0-only

//! Reads the byte after an allocation.

use kernel::prelude::*;

module! {
    type: Module,
    name: "kasan_out_of_bounds",
    authors: ["The ferrops authors"],
    description: "A seeded bug",
    license: "GPL",
}

struct Module;

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let bytes = KBox::new([0u8; 100], GFP_KERNEL)?;
        // SAFETY: None, this is the bug.
        unsafe { bytes.as_ptr().add(100).read_volatile() };
        Ok(Self)
    }
}
