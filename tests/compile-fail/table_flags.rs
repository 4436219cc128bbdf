// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: unknown flags
// rustc: expected `Flags`, found integer
// c: compiles; a later kernel defines them
// bpf: Invalid argument
// forced bpf: Invalid argument

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        #[cfg(right)]
        flags: Flags::NON_RESTRICTED,
        #[cfg(wrong)]
        flags: 0x100, //~ error
        #[cfg(forced)]
        // SAFETY: There is none: this is the mistake.
        flags: unsafe { core::mem::transmute::<u32, Flags>(0x100) },
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}
