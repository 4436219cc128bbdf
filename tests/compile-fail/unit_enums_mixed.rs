// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: confusing the event LOSS (3) with the state LOSS (4)
// rustc: expected `CaState`, found `CwndEvent`
// c: compiles: both are small integers; recovery is treated as loss
// bpf loads: recovery is treated as loss
// forced loads: recovery is treated as loss

fn set_state(sk: &mut Sock, _: &mut (), state: CaState) {
    #[cfg(right)]
    let is_loss = state == CaState::LOSS;
    #[cfg(wrong)]
    let is_loss = state == CwndEvent::LOSS; //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    let is_loss = unsafe { core::mem::transmute::<CaState, u8>(state) } == 3;
    if is_loss {
        sk.set_snd_cwnd_cnt(Packets::ZERO);
    }
}
