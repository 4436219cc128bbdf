// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a callback that captures variables around it
// rustc: closures can only be coerced to `fn` types if they do not capture any variables
// c: with GCC's nested functions, a trampoline on a dead stack frame
// no bpf: its C has no such functions

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = {
        let least = Packets::new(4);
        Ops {
            name: "wrong",
            flags: Flags::NONE,
            control: Control::CongAvoid(reno::cong_avoid),
            #[cfg(right)]
            ssthresh: |_, _| Ssthresh::clamped(Packets::new(4)),
            #[cfg(not(right))]
            ssthresh: |_, _| Ssthresh::clamped(least), //~ error
            undo_cwnd: reno::undo_cwnd,
            optional: Optional::NONE,
        }
    };
}
