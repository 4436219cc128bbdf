// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an algorithm that writes to its parameter
// rustc: no function or associated item named `set_beta` found
// c: compiles; it changes for all sockets, and `/sys/module` is wrong
// bpf: write into map forbidden

parameters! {
    pub struct Params {
        /// multiplicative decrease, in 1/1024
        writable beta: u32 = 717, 1..=1023;
    }
}

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(right)]
    let _ = Params::beta();
    #[cfg(not(right))]
    Params::set_beta(512); //~ error
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
