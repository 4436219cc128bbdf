// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: keeping the state borrowed while another algorithm takes over
// rustc: cannot borrow `*sk` as mutable more than once at a time
// c: compiles; later writes go to the other algorithm's state
// no bpf: it reads the state again after each call

type State = u32;

pub struct Other;

impl CongestionControl for Other {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "other",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn init(sk: &mut Sock<Init<u32>>) {
    #[cfg(right)]
    if !sk.fall_back_to::<Other>() {
        *sk.state_mut() = 0;
    }
    #[cfg(not(right))]
    {
        let ca = sk.state_mut();
        sk.fall_back_to::<Other>(); //~ error
        *ca = 0;
    }
}
