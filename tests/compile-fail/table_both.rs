// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: both `cong_avoid` and `cong_control`
// rustc: field `control` specified more than once
// c: compiles and registers; `cong_avoid` is never called
// bpf loads: `cong_avoid` is never called

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        #[cfg(not(right))]
        control: Control::CongControl(cong_control), //~ error
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

#[cfg(not(right))]
fn cong_control(_: &mut Sock, _: &mut (), _: SeqNo, _: AckFlags, _: &RateSample) {}
