// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: rerouting a connection in the wrong callback
// rustc: expected `&mut Sock<Reroute>`, found `&mut Sock`
// c: compiles
// bpf: calling kernel function tcp_plb_check_rehash is not allowed
// forced loads: PLB does nothing in BPF

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    prelude::*,
    Plb, //
};

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = Plb;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn ssthresh(sk: &mut Sock, plb: &mut Plb) -> Ssthresh {
    #[cfg(right)]
    let _ = plb;
    #[cfg(not(any(right, forced)))]
    plb.check_rehash(sk); //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    plb.check_rehash(unsafe { Sock::from_raw(sk.as_raw()) });
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
