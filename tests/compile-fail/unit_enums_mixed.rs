// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: confusing the event LOSS (3) with the state LOSS (4)
// rustc: expected `CaState`, found `CwndEvent`
// c: compiles: both are small integers; recovery is treated as loss
// bpf loads: recovery is treated as loss
// forced loads: recovery is treated as loss

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            set_state: Some(set_state),
            ..Optional::NONE
        },
    };
}

fn set_state(sk: &mut Sock, _: &mut (), state: CaState) {
    #[cfg(right)]
    let is_loss = state == CaState::LOSS;
    #[cfg(not(any(right, forced)))]
    let is_loss = state == CwndEvent::LOSS; //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    let is_loss = unsafe { core::mem::transmute::<CaState, u8>(state) } == 3;
    if is_loss {
        sk.set_snd_cwnd_cnt(Packets::ZERO);
    }
}
