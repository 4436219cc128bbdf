// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a divisor in the state that is never 0
// rustc: `NonZero<u32>` cannot be part of a state that the kernel keeps
// c: compiles; it is 0 on a child, and divided by
// bpf loads: a division by 0 gives 0
// forced loads: a division by 0 gives 0

state! {
    pub struct Memory {
        pub value: Value, //~ error
    }
}

#[cfg(right)]
type Value = u32;
#[cfg(not(right))]
type Value = core::num::NonZeroU32;

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    Ssthresh::clamped(Packets::new(sk.snd_cwnd().get() / memory.value))
}
