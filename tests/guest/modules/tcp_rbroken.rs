// SPDX-License-Identifier: GPL-2.0-only

//! Algorithms that break the kernel, to see that `opsdiff` says in which step.

#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

/// Reno, but a loss is fatal.
struct Panics;

impl CongestionControl for Panics {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "rpanics",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: |_, ()| panic!("no losses, please"),
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

/// Reno, but a loss takes for ever.
struct Hangs;

impl CongestionControl for Hangs {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "rhangs",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        // Without `pause`, which QEMU does not translate: 10^8 of them take a minute.
        ssthresh: |_, ()| loop {
            core::hint::black_box(());
        },
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

ferrops::module_tcp_congestion_ops! {
    algorithms: [Panics, Hangs],
    name: "tcp_rbroken",
    authors: ["The ferrops authors"],
    description: "Algorithms that break the kernel",
    license: "GPL",
}
