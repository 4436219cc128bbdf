// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a loop that may not terminate
// caught: the BPF verifier, on the BPF object of the same file
// c: compiles; the CPU hangs
// bpf: infinite loop detected
// forced bpf: infinite loop detected

state! {
    pub struct Memory {
        pub value: u32,
    }
}

fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    #[cfg(not(right))]
    while memory.value != 1 {
        memory.value = memory.value.wrapping_sub(2);
    }
    memory.value = 0;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
