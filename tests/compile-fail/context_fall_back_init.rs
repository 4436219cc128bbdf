// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: falling back to an algorithm whose `init` would not run
// rustc: the algorithm that is fallen back to is not initialised: it must not have `init`
// c: compiles; it runs on a state that it has not initialised
// no bpf: it can only have the kernel choose another, whose `init` runs

pub struct Other;

impl CongestionControl for Other {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "other",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            #[cfg(not(right))]
            init: Some(|_| ()),
            ..Optional::NONE
        },
    };
}

fn init(sk: &mut Sock<Init<()>>) {
    sk.fall_back_to::<Other>();
}
