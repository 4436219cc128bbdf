// SPDX-License-Identifier: GPL-2.0-only

//! Writes to an allocation that was freed.

use kernel::prelude::*;

module! {
    type: Module,
    name: "kasan_use_after_free",
    authors: ["The ferrops authors"],
    description: "A seeded bug",
    license: "GPL",
}

struct Module;

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let mut value = KBox::new(0u64, GFP_KERNEL)?;
        let pointer: *mut u64 = &mut *value;
        drop(value);
        // SAFETY: None, this is the bug.
        unsafe { pointer.write_volatile(1) };
        Ok(Self)
    }
}
