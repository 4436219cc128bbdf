// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: subtracting instants of different clocks
// rustc: expected `Jiffies32`, found `Micros64`
// c: compiles; the difference is meaningless
// bpf loads: the difference is meaningless
// forced loads: the difference is meaningless

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    let now = Jiffies32::now();
    #[cfg(right)]
    let idle = now.since(sk.lsndtime());
    #[cfg(wrong)]
    let idle = now.since(sk.tcp_mstamp()); //~ error
    #[cfg(forced)]
    let idle = now.since(Jiffies32::new(sk.tcp_mstamp().get() as u32));
    Ssthresh::clamped(sk.snd_cwnd() / if idle > Ticks::new(1) { 4 } else { 2 })
}
