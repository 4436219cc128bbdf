// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: registering a type that is not an algorithm
// rustc: `Other` is not a congestion control algorithm
// c: does not compile either
// no bpf: such a struct_ops has no other members

use tcp_cc::prelude::*;

struct Other;

struct Algorithm;

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

#[cfg(right)]
ferrops::module_tcp_congestion_ops! {
    algorithm: Algorithm,
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}

#[cfg(not(right))]
ferrops::module_tcp_congestion_ops! {
    algorithm: Other, //~ wrong
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}
