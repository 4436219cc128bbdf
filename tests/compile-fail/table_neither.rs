// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: neither `cong_avoid` nor `cong_control`
// rustc: missing field `control`
// c: compiles; does not load: "does not implement required ops"
// bpf: does not implement required ops

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        //~ error
        name: "wrong",
        flags: Flags::NONE,
        #[cfg(right)]
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}
