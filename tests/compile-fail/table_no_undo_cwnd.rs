// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: no `undo_cwnd`
// rustc: missing field `undo_cwnd`
// c: compiles; does not load: "does not implement required ops"
// bpf: does not implement required ops

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        //~ error
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        #[cfg(right)]
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}
