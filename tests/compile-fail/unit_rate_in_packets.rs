// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a pacing rate in packets
// rustc: expected `BytesPerSec`, found `Packets`
// c: compiles; a connection at some bytes per second
// bpf loads: a connection at some bytes per second
// forced loads: a connection at some bytes per second

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(right)]
    sk.set_sk_pacing_rate(BytesPerSec::UNLIMITED);
    #[cfg(wrong)]
    sk.set_sk_pacing_rate(sk.snd_cwnd().packets()); //~ error
    #[cfg(forced)]
    sk.set_sk_pacing_rate(BytesPerSec::new(sk.snd_cwnd().get().into()));
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
