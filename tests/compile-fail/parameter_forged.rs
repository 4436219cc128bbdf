// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a parameter at an arbitrary address
// rustc: field `storage` of struct `Parameter` is private
// c: compiles: `.arg` is a `void *`
// no bpf: it has no module parameters

parameters! {
    pub struct Params {
        /// multiplicative decrease, in 1/1024
        writable beta: u32 = 717, 1..=1023;
    }
}

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    let beta = Params::DECLARED.list[0];
    #[cfg(not(right))]
    let beta = tcp_cc::Parameter {
        storage: 0x1000 as *const _, //~ error
        ..beta
    };
    Ssthresh::clamped(sk.snd_cwnd() * beta.get() as u32 / 1024)
}
