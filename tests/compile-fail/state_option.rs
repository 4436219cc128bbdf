// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a reference that may be missing
// rustc: `Option<&'static u32>` cannot be part of a state that the kernel keeps
// c: compiles; the previous bytes are seldom `NULL`
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
type Value = Option<&'static u32>;

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    Ssthresh::clamped(sk.snd_cwnd() / memory.value.map_or(2, |value| *value))
}
