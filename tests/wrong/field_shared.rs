// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: writing through a socket that was lent for reading
// rustc: cannot borrow `*sk` as mutable, as it is behind a `&` reference
// c: `const struct sock *` is a warning away from being written to: `tcp_sk()` casts
// no bpf: the verifier does not know `const`
// told loads: the verifier does not know `const`

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    look(sk);
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}

fn look(sk: &Sock) {
    #[cfg(right)]
    let _ = sk.snd_cwnd_cnt();
    #[cfg(not(any(right, told)))]
    sk.set_snd_cwnd_cnt(Packets::ZERO); //~ wrong
    #[cfg(told)]
    // SAFETY: There is none: this is the mistake.
    unsafe { Sock::<tcp_cc::context::Locked>::from_raw(sk.as_raw()) }
        .set_snd_cwnd_cnt(Packets::ZERO);
}
