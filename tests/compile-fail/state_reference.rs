// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a reference in the state
// rustc: `&'static u32` cannot be part of a state that the kernel keeps
// c: compiles; a wild pointer in each child, and after another algorithm
// bpf: invalid mem access 'scalar'
// forced bpf: invalid mem access 'scalar'

state! {
    pub struct Memory {
        pub value: Value, //~ error
    }
}

#[cfg(right)]
type Value = u32;
#[cfg(not(right))]
type Value = &'static u32;

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    Ssthresh::clamped(sk.snd_cwnd() / *memory.value)
}
