// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: no `ssthresh`
// rustc: missing field `ssthresh`
// c: compiles; does not load: "does not implement required ops"
// bpf: does not implement required ops

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        //~ error
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        #[cfg(right)]
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}
