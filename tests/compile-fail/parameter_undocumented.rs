// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a parameter that `modinfo` cannot describe
// rustc: no rules expected
// at: const PARAMETERS: tcp_cc::Parameters = Params::DECLARED;
// c: compiles; `modpost` does not require a `MODULE_PARM_DESC()`
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
        writable beta: u32 = 717, 1..=1023; //~ error
    }
}
