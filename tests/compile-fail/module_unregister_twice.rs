// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: unregistering a second time
// rustc: use of moved value: `registration`
// c: compiles; a list entry is deleted twice
// no bpf: the kernel unregisters it when the link is removed

use ferrops::Registration;
use kernel::prelude::*;
use tcp_cc::{
    callbacks::TcpCongestionOps,
    prelude::*, //
};

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

ferrops::module_tcp_congestion_ops! {
    algorithm: Algorithm,
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}

#[expect(dead_code)]
fn end(registration: Pin<KBox<Registration<TcpCongestionOps, 1>>>) {
    #[cfg(right)]
    drop(registration);
    #[cfg(not(right))]
    let _ = (drop(registration), drop(registration)); //~ wrong
}
