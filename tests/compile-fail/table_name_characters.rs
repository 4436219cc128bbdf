// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a name with a space
// rustc: the name of a congestion control is made of ASCII letters, digits, '_' and '-'
// c: compiles and registers; `tcp_available_congestion_control` shows two names
// bpf: Invalid argument

use tcp_cc::prelude::*;

struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        #[cfg(right)]
        name: "wrong",
        #[cfg(not(right))]
        name: "two words",
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
