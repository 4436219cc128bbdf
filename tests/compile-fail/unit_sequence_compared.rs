// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: comparing sequence numbers with `>`
// rustc: binary operation `>` cannot be applied to type `tcp_cc::SeqNo`
// c: compiles; wrong once every 4 GiB
// bpf loads: wrong once every 4 GiB
// forced loads: wrong once every 4 GiB

fn cong_avoid(sk: &mut Sock, memory: &mut (), ack: SeqNo, acked: Acked) {
    #[cfg(right)]
    let is_old = sk.snd_una().after(ack);
    #[cfg(wrong)]
    let is_old = sk.snd_una() > ack; //~ error
    #[cfg(forced)]
    let is_old = sk.snd_una().get() > ack.get();
    if !is_old {
        reno::cong_avoid(sk, memory, ack, acked);
    }
}
