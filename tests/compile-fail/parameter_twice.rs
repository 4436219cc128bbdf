// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: two parameters of the same name
// rustc: the name `beta` is defined multiple times
// c: does not compile either
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
        writable beta: u32 = 717, 1..=1023;
        /// the same again
        writable beta: u32 = 512, 1..=1023; //~ error
    }
}
