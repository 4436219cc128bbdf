// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: comparing ticks with microseconds
// rustc: expected `Ticks`, found `Usecs`
// c: compiles; wrong by a factor of `1000000 / HZ`
// bpf loads: wrong by a factor of `1000000 / HZ`
// forced loads: wrong by a factor of `1000000 / HZ`

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    let idle = Jiffies32::now().since(sk.lsndtime());
    #[cfg(right)]
    let second = Ticks::new(tcp_cc::hz() as i32);
    #[cfg(wrong)]
    let second = Usecs::SEC;
    #[cfg(forced)]
    let second = Ticks::new(Usecs::SEC.get() as i32);
    let is_idle = idle > second; //~ error
    Ssthresh::clamped(sk.snd_cwnd() / if is_idle { 4 } else { 2 })
}
