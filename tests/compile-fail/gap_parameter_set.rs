// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an algorithm that writes to its parameter through the declaration
// caught: nothing, since tests set parameters this way; it stays within its bounds
// c: compiles; it changes for all sockets, possibly out of bounds
// no bpf: refused, as above
// forced loads: it changes for all sockets, within its bounds

parameters! {
    pub struct Params {
        /// multiplicative decrease, in 1/1024
        writable beta: u32 = 717, 1..=1023;
    }
}

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(not(right))]
    Params::DECLARED.list[0].set(512);
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
