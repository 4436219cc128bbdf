// SPDX-License-Identifier: GPL-2.0-only

//! A module whose third table the kernel refuses, since it has the name of the kernel's own.
//!
//! Until it is refused somebody may choose one of the others.

#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

/// Reno, under another name.
macro_rules! reno {
    ($algorithm:ident, $name:literal) => {
        struct $algorithm;

        impl CongestionControl for $algorithm {
            type State = ();

            const OPS: Ops<Self> = Ops {
                name: $name,
                flags: Flags::NON_RESTRICTED,
                control: Control::CongAvoid(reno::cong_avoid),
                ssthresh: reno::ssthresh,
                undo_cwnd: reno::undo_cwnd,
                optional: Optional::NONE,
            };
        }
    };
}

reno!(First, "rfirst");
reno!(Second, "rsecond");
reno!(Cubic, "cubic");

ferrops::module_tcp_congestion_ops! {
    algorithms: [First, Second, Cubic],
    name: "tcp_rrefused",
    authors: ["The ferrops authors"],
    description: "The last of three tables is refused",
    license: "GPL",
}
