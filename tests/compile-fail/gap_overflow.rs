// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: arithmetic that overflows
// caught: the build: a reachable panic in the object. The types' own arithmetic wraps
// object: panic_const_mul_overflow
// c: compiles; wraps, or is undefined if signed
// bpf loads: wraps
// forced build: can panic

state! {
    pub struct Memory {
        pub value: u32,
    }
}

fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    #[cfg(right)]
    let scaled = memory.value.wrapping_mul(717);
    #[cfg(not(right))]
    let scaled = memory.value * 717;
    memory.value = scaled;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
