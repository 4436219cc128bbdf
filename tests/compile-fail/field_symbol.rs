// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: replacing a kernel function by defining its name
// rustc: declaration of a `no_mangle` function
// c: compiles; the module's calls go there
// no bpf: its functions have no names outside the object
// forced loads: its functions have no names outside the object

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
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

#[cfg(not(right))]
#[no_mangle] //~ wrong
pub extern "C" fn tcp_slow_start() {}
