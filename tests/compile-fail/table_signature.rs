// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a callback with an argument that the kernel does not pass
// rustc: incorrect number of function parameters
// c: an error, unless a cast hides it: then garbage
// bpf: func 'pkts_acked' doesn't have
// forced loads: LLVM invents the argument

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            #[cfg(not(forced))]
            pkts_acked: Some(pkts_acked), //~ error
            #[cfg(forced)]
            // SAFETY: There is none: this is the mistake.
            pkts_acked: Some(unsafe { core::mem::transmute(pkts_acked as *const ()) }),
            ..Optional::NONE
        },
    };
}

#[cfg(right)]
fn pkts_acked(_: &mut Sock, _: &mut (), _: &AckSample) {}

#[cfg(not(right))]
fn pkts_acked(sk: &mut Sock, _: &mut (), _: &AckSample, more: u32) {
    sk.set_snd_cwnd_cnt(Packets::new(more));
}
