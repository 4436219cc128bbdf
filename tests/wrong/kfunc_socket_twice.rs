// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: two ways to the same socket, of which one may write
// rustc: a program may pass the same object twice
// c: compiles; what was read before is not what is there
// no bpf: what a kfunc takes is the kernel's to say

#[cfg(not(right))]
use tcp_cc::context::Unlocked;
use tcp_cc::prelude::*;

#[cfg(not(right))]
ferrops::kfuncs! { //~ wrong
    pub KFUNCS;

    /// The sum of two windows.
    #[kfunc(tcp_congestion_ops)]
    pub fn wrong_sum(sk: &mut Sock, other: &Sock<Unlocked>) -> u32 {
        sk.snd_cwnd().get().wrapping_add(other.snd_cwnd().get())
    }
}

#[cfg(right)]
ferrops::kfuncs! {
    pub KFUNCS;

    /// The sum of two windows.
    #[kfunc(tcp_congestion_ops)]
    pub fn wrong_sum(sk: &mut Sock, other: u32) -> u32 {
        sk.snd_cwnd().get().wrapping_add(other)
    }
}
