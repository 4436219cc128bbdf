// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a second owner of one registration
// rustc: cannot move out of `*registration` which is behind a shared reference
// c: compiles; the copy has its own pointers into the kernel's list
// no bpf: a link is reference counted

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
fn end(registration: &Registration<TcpCongestionOps, 1>) {
    #[cfg(right)]
    let _ = registration;
    #[cfg(not(right))]
    drop(*registration); //~ wrong
}
