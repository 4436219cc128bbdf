// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a parameter of an unsupported type
// rustc: a parameter cannot be a `u64`
// c: does not compile either: `module_param()` knows its types
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
        writable beta: u64 = 717, 1..=1023; //~ error
    }
}
