// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: `get_info` that changes the socket
// rustc: found for reference `&tcp_cc::Sock<tcp_cc::context::Unlocked>`
// c: compiles; races with the ACK being processed
// no bpf: it has no `get_info`; see above

fn get_info(sk: &Sock<Unlocked>, _: &()) -> Info {
    #[cfg(right)]
    let _ = sk.snd_cwnd();
    #[cfg(not(right))]
    sk.set_snd_cwnd(sk.snd_cwnd()); //~ error
    Info::Vegas(Default::default())
}
