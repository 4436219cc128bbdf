// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a `bool` in the state
// rustc: `bool` cannot be part of a state that the kernel keeps
// c: compiles; a byte of the previous algorithm that is neither 0 nor 1 counts as both
// bpf loads: such a byte counts as both
// forced loads: LLVM decides what such a byte counts as

state! {
    pub struct Memory {
        pub value: Value, //~ error
    }
}

#[cfg(right)]
type Value = u8;
#[cfg(not(right))]
type Value = bool;

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    Ssthresh::clamped(sk.snd_cwnd() / if memory.value { 4 } else { 2 })
}
