// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: accepting a socket from programs that do not own one
// rustc: it takes an object of a table
// c: compiles; a tracing program passes a socket that is in use elsewhere
// no bpf: the kernel defines who may call

#[cfg(not(right))]
ferrops::kfuncs! { //~ error
    pub KFUNCS;

    /// Forgets what was counted.
    #[kfunc(tcp_congestion_ops, tracing)]
    pub fn wrong_slow(sk: &mut Sock) {
        sk.set_snd_cwnd_cnt(Packets::ZERO);
    }
}

#[cfg(right)]
ferrops::kfuncs! {
    pub KFUNCS;

    /// Forgets what was counted.
    #[kfunc(tcp_congestion_ops)]
    pub fn wrong_slow(sk: &mut Sock) {
        sk.set_snd_cwnd_cnt(Packets::ZERO);
    }
}
