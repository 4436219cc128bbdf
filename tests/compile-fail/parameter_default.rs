// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a default out of its bounds
// rustc: the default of `beta` is out of its bounds
// c: C's parameters have no bounds unless they are coded by hand; in `net/ipv4` only
//   `dctcp_shift_g`'s are
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
        writable beta: u32 = 1024, 1..=1023; //~ error
    }
}
