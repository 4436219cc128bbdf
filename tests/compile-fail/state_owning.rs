// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a state that owns memory
// rustc: cannot be part of a state that the kernel keeps
// c: compiles; freed twice, since a child is a copy
// bpf: Unreleased reference

use kernel::prelude::*;

state! {
    pub struct Memory {
        samples: Value, //~ error
    }
}

#[cfg(right)]
type Value = u64;
#[cfg(not(right))]
type Value = KBox<u64>;
