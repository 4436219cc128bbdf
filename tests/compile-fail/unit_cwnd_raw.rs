// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a window of 0
// rustc: expected `Cwnd`, found integer
// c: compiles; `tcp_snd_cwnd_set()` warns too late, and stores it
// bpf loads: the connection stalls
// forced loads: the connection stalls

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(right)]
    sk.set_snd_cwnd(Cwnd::clamped(Packets::ZERO));
    #[cfg(wrong)]
    sk.set_snd_cwnd(0); //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    sk.set_snd_cwnd(unsafe { core::mem::transmute::<u32, Cwnd>(0) });
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
