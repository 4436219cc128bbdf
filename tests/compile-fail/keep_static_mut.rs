// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: the same as a `static mut`
// rustc: use of mutable static is unsafe and requires unsafe
// c: compiles; counts go missing
// no bpf: see above
// forced loads: counts go missing

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

#[cfg(not(right))]
static mut LOSSES: u32 = 0;

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(not(any(right, forced)))]
    {
        LOSSES += 1; //~ wrong
    }
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe {
        LOSSES = LOSSES.wrapping_add(1);
        sk.set_snd_cwnd_cnt(Packets::new(LOSSES));
    }
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
