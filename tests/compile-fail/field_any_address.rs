// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: reading from any address
// rustc: usage of an `unsafe` block
// c: compiles; an oops, or foreign data
// bpf: invalid mem access 'scalar'
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
    // SAFETY: There is none: this is the mistake.
    let _ = unsafe { *(0x1000 as *const u32) }; //~ wrong
    #[cfg(forced)]
    let _ = unsafe { (0x1000 as *const u32).read_volatile() };
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
