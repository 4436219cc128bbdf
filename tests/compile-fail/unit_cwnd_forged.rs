// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: constructing a `Cwnd` without its check
// rustc: cannot initialize a tuple struct which contains private fields
// c: there is no such type to forge
// no bpf: there is no such type to forge

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(not(right))]
    sk.set_snd_cwnd(Cwnd(0)); //~ error
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
