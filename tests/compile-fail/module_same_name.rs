// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: two algorithms of the same name in a module
// rustc: two implementations of this module have the same name: rename one
// c: compiles; loading it fails with EEXIST
// bpf: already registered or non-unique key

struct First;

impl CongestionControl for First {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "first",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

struct Second;

impl CongestionControl for Second {
    type State = ();

    const OPS: Ops<Self> = Ops {
        #[cfg(right)]
        name: "second",
        #[cfg(not(right))]
        name: "first",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

ferrops::module_tcp_congestion_ops! {
    algorithms: [First, Second], //~ error
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}
