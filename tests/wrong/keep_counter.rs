// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a variable that all sockets share, without an atomic
// rustc: `Cell<u32>` cannot be shared between threads safely
// c: compiles; counts go missing
// bpf loads: counts go missing

#![no_std]
#![forbid(unsafe_code)]

#[cfg(not(right))]
use core::cell::Cell;
use tcp_cc::prelude::*;

#[cfg(not(right))]
static LOSSES: Cell<u32> = Cell::new(0); //~ wrong

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::Classic(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        hooks: Hooks::NONE,
    };
}
