// SPDX-License-Identifier: GPL-2.0-only

//! Takes two locks in one order, then in the other: two threads could wait for one another.
//! Rust has no objection.

use kernel::{
    new_mutex,
    prelude::*, //
};

module! {
    type: Module,
    name: "lockdep_order",
    authors: ["The ferrops authors"],
    description: "A seeded bug",
    license: "GPL",
}

struct Module;

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let a = KBox::pin_init(new_mutex!((), "a"), GFP_KERNEL)?;
        let b = KBox::pin_init(new_mutex!((), "b"), GFP_KERNEL)?;
        {
            let _first = a.lock();
            let _second = b.lock();
        }
        let _first = b.lock();
        let _second = a.lock();
        Ok(Self)
    }
}
