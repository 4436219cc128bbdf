// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: recursion
// caught: the build: the stack of a callback is unbounded; the BPF verifier
// c: compiles; overflows the stack
// bpf: recursive call
// forced build: is it recursive?

state! {
    pub struct Memory {
        pub value: u32,
    }
}

fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    #[cfg(not(right))]
    descend(memory, 3);
    memory.value = 0;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}

#[cfg(not(right))]
#[inline(never)]
fn descend(memory: &mut Memory, by: u32) -> u32 {
    memory.value = memory.value.wrapping_sub(by);
    if memory.value == 1 {
        return by;
    }
    descend(memory, memory.value).wrapping_mul(descend(memory, by))
}
