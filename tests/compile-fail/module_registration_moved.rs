// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: moving ops that are in the kernel's list
// rustc: `PhantomPinned` cannot be unpinned
// c: compiles; the list has a dangling pointer
// no bpf: the kernel owns the ops

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
    let _ = Pin::into_inner(registration); //~ wrong
}
