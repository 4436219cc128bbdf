// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: restoring `prior_cwnd` before the first loss
// rustc: expected `Cwnd`, found `Packets`
// c: compiles; `prior_cwnd` is 0 before the first loss
// no bpf: see a window of 0
// forced loads: `prior_cwnd` is 0 before the first loss

fn undo_cwnd(sk: &mut Sock, _: &mut ()) -> Cwnd {
    let prior = sk.prior_cwnd();
    #[cfg(right)]
    return Cwnd::clamped(prior);
    #[cfg(wrong)]
    return prior; //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    return unsafe { core::mem::transmute::<Packets, Cwnd>(prior) };
}
