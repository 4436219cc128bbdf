// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a socket with a `'static` lifetime
// rustc: `sk` does not live long enough
// c: compiles; a kept pointer leads to a freed socket
// no bpf: see keeping a socket

use tcp_cc::{
    context::Unlocked,
    Sock, //
};

#[cfg(not(right))]
ferrops::kfuncs! { //~ error
    pub KFUNCS;

    /// The window.
    #[kfunc(tcp_congestion_ops)]
    pub fn wrong_window(sk: &'static Sock<Unlocked>) -> u32 {
        sk.snd_cwnd().get()
    }
}

#[cfg(right)]
ferrops::kfuncs! {
    pub KFUNCS;

    /// The window.
    #[kfunc(tcp_congestion_ops)]
    pub fn wrong_window(sk: &Sock<Unlocked>) -> u32 {
        sk.snd_cwnd().get()
    }
}
