// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: floating point
// caught: the build: `modpost` finds no such function in the kernel, which has no `f64`
// object: __muldf3
// c: does not compile, unless the file has flags of its own
// no bpf: its compiler has no floating point
// forced build: floating point

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(right)]
    let part = sk.snd_cwnd() * 7 / 10;
    #[cfg(not(right))]
    let part = Packets::new((f64::from(sk.snd_cwnd().get()) * 0.7) as u32);
    Ssthresh::clamped(part)
}
