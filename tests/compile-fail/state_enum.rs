// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an `enum` in the state
// rustc: `Phase` cannot be part of a state that the kernel keeps
// c: compiles; a `switch` over it may jump anywhere
// bpf loads: no `case` fits
// forced loads: an invalid value takes an arbitrary arm

#[derive(Clone, Copy)]
pub enum Phase {
    SlowStart,
    Avoidance,
}

state! {
    pub struct Memory {
        pub value: Value, //~ error
    }
}

#[cfg(right)]
type Value = u8;
#[cfg(not(right))]
type Value = Phase;

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    Ssthresh::clamped(match memory.value {
        Phase::SlowStart => sk.snd_cwnd() / 2,
        Phase::Avoidance => sk.snd_cwnd() / 4,
    })
}
