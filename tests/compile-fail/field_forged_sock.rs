// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: making a socket out of an address
// rustc: is unsafe and requires unsafe block
// c: compiles; any pointer is a `struct sock *` after a cast
// bpf: R1 is scalar expected STRUCT sock
// forced bpf: invalid mem access 'scalar'

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
    #[cfg(not(any(right, forced)))]
    let _: &mut Sock = Sock::from_raw(0x1000 as *mut _); //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe { Sock::<tcp_cc::context::Locked>::from_raw(0x1000 as *mut _) }
        .set_snd_cwnd_cnt(Packets::ZERO);
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
