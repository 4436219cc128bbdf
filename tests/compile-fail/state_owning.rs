// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a state that owns memory
// rustc: cannot be part of a state that the kernel keeps
// c: compiles; freed twice, since a child is a copy
// bpf: Unreleased reference

use kernel::prelude::*;
use tcp_cc::prelude::*;

state! {
    struct Memory {
        samples: Value, //~ wrong
    }
}

#[cfg(right)]
type Value = u64;
#[cfg(not(right))]
type Value = KBox<u64>;

struct Algorithm;

impl CongestionControl for Algorithm {
    type State = Memory;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

ferrops::module_tcp_congestion_ops! {
    algorithm: Algorithm,
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}
