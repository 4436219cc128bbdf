// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a raw pointer in the state
// rustc: `*mut u32` cannot be part of a state that the kernel keeps
// c: compiles; a wild pointer
// no bpf: see above
// forced bpf: invalid mem access 'scalar'

state! {
    pub struct Memory {
        pub value: Value, //~ error
    }
}

#[cfg(right)]
type Value = u32;
#[cfg(not(right))]
type Value = *mut u32;

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    // SAFETY: There is none: this is the mistake.
    unsafe { *memory.value = 0 };
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
