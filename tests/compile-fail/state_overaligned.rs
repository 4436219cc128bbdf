// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a state that needs more than 8-byte alignment
// rustc: the state needs more alignment than a socket gives it (8 bytes)
// at: algorithm: wrong::Algorithm
// c: compiles; undefined, and a fault with some vector instructions
// no bpf: each access is checked separately

state! {
    #[cfg_attr(not(right), repr(align(16)))]
    pub struct Memory {
        value: u32,
    }
}
