// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: rerouting a connection in the wrong callback
// rustc: expected `&mut Sock<Reroute>`, found `&mut Sock`
// c: compiles
// bpf: calling kernel function tcp_plb_check_rehash is not allowed
// forced loads: PLB does nothing in BPF

type State = Plb;

use tcp_cc::Plb;

fn ssthresh(sk: &mut Sock, plb: &mut Plb) -> Ssthresh {
    #[cfg(right)]
    let _ = plb;
    #[cfg(wrong)]
    plb.check_rehash(sk); //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    plb.check_rehash(unsafe { Sock::from_raw(sk.as_raw()) });
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
