// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: `cong_control` as `cong_avoid`
// rustc: incorrect number of function parameters
// c: an error, unless a cast hides it: then garbage
// bpf: func 'cong_avoid' doesn't have
// forced bpf: invalid mem access 'scalar'

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        #[cfg(right)]
        control: Control::CongControl(cong_control),
        #[cfg(wrong)]
        control: Control::CongAvoid(cong_control), //~ error
        #[cfg(forced)]
        // SAFETY: There is none: this is the mistake.
        control: Control::CongAvoid(unsafe { core::mem::transmute(cong_control as *const ()) }),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

#[cfg(not(forced))]
fn cong_control(_: &mut Sock, _: &mut (), _: SeqNo, _: AckFlags, _: &RateSample) {}

#[cfg(forced)]
fn cong_control(sk: &mut Sock, _: &mut (), _: SeqNo, _: AckFlags, rs: &RateSample) {
    sk.set_snd_cwnd_cnt(rs.acked_sacked().packets());
}
