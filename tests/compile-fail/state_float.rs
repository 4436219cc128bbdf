// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a floating point number in the state
// rustc: `f64` cannot be part of a state that the kernel keeps
// c: does not compile without `kernel_fpu_begin()` and a file with its own flags
// no bpf: it has no floating point
// forced build: floating point

state! {
    pub struct Memory {
        pub value: Value, //~ error
    }
}

#[cfg(right)]
type Value = u32;
#[cfg(not(right))]
type Value = f64;

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    memory.value *= 0.7;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
