// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a function in the state
// rustc: `fn(u32) -> u32` cannot be part of a state that the kernel keeps
// c: compiles; jumps to an arbitrary address
// bpf: unknown opcode 8d
// forced bpf: unknown opcode 8d

state! {
    pub struct Memory {
        pub value: Value, //~ error
    }
}

#[cfg(right)]
type Value = u32;
#[cfg(not(right))]
type Value = fn(u32) -> u32;

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    Ssthresh::clamped(Packets::new((memory.value)(sk.snd_cwnd().get())))
}
