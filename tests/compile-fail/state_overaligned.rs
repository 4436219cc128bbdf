// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a state that needs more than 8-byte alignment
// rustc: the state needs more alignment than a socket gives it (8 bytes)
// c: compiles; undefined, and a fault with some vector instructions
// no bpf: each access is checked separately

use tcp_cc::prelude::*;

state! {
    #[cfg_attr(not(right), repr(align(16)))]
    struct Memory {
        value: u32,
    }
}

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
    algorithm: Algorithm, //~ wrong
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}
