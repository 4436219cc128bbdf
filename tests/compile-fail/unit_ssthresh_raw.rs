// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a threshold below 2
// rustc: expected `Ssthresh`, found `Packets`
// c: compiles; slow start takes the window to 0
// bpf loads: slow start takes the window to 0
// forced loads: slow start takes the window to 0

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(right)]
    return Ssthresh::clamped(sk.snd_cwnd() / 2);
    #[cfg(wrong)]
    return sk.snd_cwnd() / 2; //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    return unsafe { core::mem::transmute::<Packets, Ssthresh>(sk.snd_cwnd() / 2) };
}
