// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: comparing instants of a clock that wraps with `<`
// rustc: binary operation `<` cannot be applied to type `tcp_cc::Jiffies32`
// c: compiles; wrong around the wrap, which is 5 minutes after boot
// bpf loads: wrong around the wrap
// forced loads: wrong around the wrap

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    let now = Jiffies32::now();
    #[cfg(right)]
    let is_idle = now.after(sk.lsndtime());
    #[cfg(wrong)]
    let is_idle = sk.lsndtime() < now; //~ error
    #[cfg(forced)]
    let is_idle = sk.lsndtime().get() < now.get();
    match is_idle {
        true => Ssthresh::clamped(Packets::ZERO),
        false => Ssthresh::INFINITE,
    }
}
