// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: claiming by hand that a state is sound
// rustc: implementation of an `unsafe` trait
// c: nothing checks it
// no bpf: nothing checks it
// forced loads: nothing checks it

#[cfg(right)]
state! {
    pub struct Memory {
        pub on: u8,
    }
}

#[cfg(not(right))]
#[derive(Clone, Copy)]
pub struct Memory {
    pub on: bool,
}

#[cfg(not(right))]
// SAFETY: There is none: this is the mistake.
unsafe impl tcp_cc::AnyBytes for Memory {} //~ error

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    Ssthresh::clamped(sk.snd_cwnd() / if memory.on { 4 } else { 2 })
}
