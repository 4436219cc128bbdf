// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a `char` in the state
// rustc: `char` cannot be part of a state that the kernel keeps
// c: a plain number
// no bpf: a plain number
// forced loads: a plain number

state! {
    pub struct Memory {
        pub value: Value, //~ error
    }
}

#[cfg(right)]
type Value = u32;
#[cfg(not(right))]
type Value = char;

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    Ssthresh::clamped(sk.snd_cwnd() / if memory.value == 'x' { 4 } else { 2 })
}
