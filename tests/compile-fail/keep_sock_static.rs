// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a static that holds a socket for all callbacks
// rustc: cannot be shared between threads safely
// c: compiles; callbacks on other CPUs use it without its lock
// no bpf: a map keeps a number; see above

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

#[cfg(not(right))]
static KEPT: Option<&'static Sock> = None; //~ wrong

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}
