// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a parameter without a mode: `writable`, `read_only` or `hidden`
// rustc: a parameter is `writable`, `read_only` or `hidden`
// c: the mode is a number, checked by a `BUILD_BUG_ON()`
// no bpf: it has no module parameters

#[cfg(right)]
parameters! {
    pub struct Params {
        /// multiplicative decrease, in 1/1024
        writable beta: u32 = 717, 1..=1023;
    }
}

#[cfg(not(right))]
parameters! {
    pub struct Params {
        /// multiplicative decrease, in 1/1024
        constant beta: u32 = 717, 1..=1023; //~ error
    }
}
