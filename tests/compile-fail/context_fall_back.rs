// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: changing the algorithm of a socket outside `init`
// rustc: no method named `fall_back_to` found
// c: compiles; the next callback is another algorithm's, on a foreign state
// bpf: no write support to tcp_sock at off
// forced loads: the kernel's reno takes over in the middle of a loss

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

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(wrong)]
    sk.fall_back_to::<Other>(); //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe { Sock::<Init<()>>::from_raw(sk.as_raw()) }.fall_back_to::<Other>();
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
