// SPDX-License-Identifier: GPL-2.0-only

//! A module that has taken the second name of `tcp_rtest`.

#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

/// Reno.
struct Taken;

impl CongestionControl for Taken {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "rtest-ecn",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

ferrops::module_tcp_congestion_ops! {
    algorithm: Taken,
    name: "tcp_rtaken",
    authors: ["The ferrops authors"],
    description: "A name that is taken",
    license: "GPL",
}
