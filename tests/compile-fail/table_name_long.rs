// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a name of more than 15 bytes
// rustc: the name of a congestion control has 1 to 15 bytes
// c: compiles, with a warning about the truncated string: the name ends at the next 0 byte
// bpf: Invalid argument

use tcp_cc::prelude::*;

struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        #[cfg(right)]
        name: "wrong",
        #[cfg(not(right))]
        name: "sixteen_letters_",
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
