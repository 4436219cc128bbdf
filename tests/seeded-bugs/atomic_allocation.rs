// SPDX-License-Identifier: GPL-2.0-only

//! Allocates in a way that may sleep, with a spinlock held. Rust has no objection.

use kernel::{
    new_spinlock,
    prelude::*, //
};

module! {
    type: Module,
    name: "atomic_allocation",
    authors: ["The ferrops authors"],
    description: "A seeded bug",
    license: "GPL",
}

struct Module;

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let lock = KBox::pin_init(new_spinlock!((), "lock"), GFP_KERNEL)?;
        let _held = lock.lock();
        KBox::new(0u64, GFP_KERNEL)?;
        Ok(Self)
    }
}
