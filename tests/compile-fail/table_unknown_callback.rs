// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an unknown callback
// rustc: struct `tcp_cc::Optional<Algorithm>` has no field named `acked`
// c: does not compile either
// bpf: Cannot find member acked in kernel BTF

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            #[cfg(not(right))]
            acked: None, //~ error
            ..Optional::NONE
        },
    };
}
