// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: dividing by a value that may be 0
// caught: the build: a reachable panic in the object. The types' own `/` gives 0
// object: panic_const_div_by_zero
// c: compiles; an oops
// bpf loads: a division by 0 gives 0
// forced build: can panic

state! {
    pub struct Memory {
        pub value: u32,
    }
}

fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    #[cfg(right)]
    let part = sk.snd_cwnd() / memory.value;
    #[cfg(not(right))]
    let part = Packets::new(sk.snd_cwnd().get() / memory.value);
    Ssthresh::clamped(part)
}
