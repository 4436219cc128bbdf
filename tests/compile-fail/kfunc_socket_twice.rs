// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: two references to the same socket, one of them mutable
// rustc: a program may pass the same object twice
// c: compiles; an earlier read is stale
// no bpf: the kernel defines the arguments of a kfunc

#[cfg(not(right))]
use tcp_cc::context::Unlocked;

#[cfg(not(right))]
ferrops::kfuncs! { //~ error
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
