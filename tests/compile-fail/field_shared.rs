// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: writing through a socket that is borrowed for reading
// rustc: cannot borrow `*sk` as mutable, as it is behind a `&` reference
// c: compiles: `tcp_sk()` casts `const` away, at most with a warning
// no bpf: the verifier does not know `const`
// forced loads: the verifier does not know `const`

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    look(sk);
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}

fn look(sk: &Sock) {
    #[cfg(right)]
    let _ = sk.snd_cwnd_cnt();
    #[cfg(wrong)]
    sk.set_snd_cwnd_cnt(Packets::ZERO); //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe { Sock::<tcp_cc::context::Locked>::from_raw(sk.as_raw()) }
        .set_snd_cwnd_cnt(Packets::ZERO);
}
