// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a number without bounds
// rustc: a parameter that is a `u32` needs bounds
// c: compiles; the arithmetic overflows, or divides by 0, when root writes to it
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
        writable beta: u32 = 717; //~ error
    }
}
