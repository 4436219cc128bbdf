// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: taking the event LOSS (3) for the state LOSS (4)
// rustc: expected `CaState`, found `CwndEvent`
// c: compiles: both are small integers; recovery is taken for loss
// bpf loads: recovery is taken for loss
// told loads: recovery is taken for loss

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
    #[cfg(not(any(right, told)))]
    let is_loss = state == CwndEvent::LOSS; //~ wrong
    #[cfg(told)]
    // SAFETY: There is none: this is the mistake.
    let is_loss = unsafe { core::mem::transmute::<CaState, u8>(state) } == 3;
    if is_loss {
        sk.set_snd_cwnd_cnt(Packets::ZERO);
    }
}
