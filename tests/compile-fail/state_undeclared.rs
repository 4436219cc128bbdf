// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a state that `state!` has not checked
// rustc: `Memory` cannot be part of a state that the kernel keeps
// at: type State = Memory;
// c: any struct is accepted
// no bpf: any struct is accepted; each access is checked
// forced loads: any struct is accepted; each access is checked

#[cfg(right)]
state! {
    pub struct Memory {
        pub value: u32,
    }
}

#[cfg(not(right))]
#[derive(Clone, Copy)]
pub struct Memory {
    pub value: u32,
}

#[cfg(forced)]
// SAFETY: There is none: this is the mistake.
unsafe impl tcp_cc::AnyBytes for Memory {}

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    memory.value = 1;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
