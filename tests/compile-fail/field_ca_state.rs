// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: changing the congestion state, which the kernel owns
// rustc: no method named `set_ca_state` found
// c: compiles; the kernel's recovery is corrupted
// bpf: no write support to tcp_sock at off
// forced build: calls set_ca_state, which BPF does not have

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

#[cfg(forced)]
extern "C" {
    fn set_ca_state(sk: *mut u8, state: u8);
}

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
    sk.set_ca_state(CaState::OPEN); //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe {
        set_ca_state(sk.as_raw().cast(), 0);
    }
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
