// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an `undo_cwnd` that may be 0 or huge
// rustc: expected `Cwnd`, found `Packets`
// c: compiles; warns too late
// bpf loads: warns too late
// forced loads: warns too late

fn undo_cwnd(sk: &mut Sock, _: &mut ()) -> Cwnd {
    let less = sk.snd_cwnd() - Packets::new(10);
    #[cfg(right)]
    return Cwnd::clamped(less);
    #[cfg(wrong)]
    return less; //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    return unsafe { core::mem::transmute::<Packets, Cwnd>(less) };
}
