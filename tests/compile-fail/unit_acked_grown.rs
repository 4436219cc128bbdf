// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: counting acknowledged packets twice
// rustc: cannot add `tcp_cc::Acked` to `tcp_cc::Acked`
// c: compiles; the window grows twice as fast as it may
// bpf loads: the window grows twice as fast as it may
// forced loads: the window grows twice as fast as it may

fn cong_avoid(sk: &mut Sock, memory: &mut (), ack: SeqNo, acked: Acked) {
    #[cfg(wrong)]
    let acked = acked + acked; //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    let acked = unsafe { core::mem::transmute::<u32, Acked>(acked.get() << 1) };
    reno::cong_avoid(sk, memory, ack, acked);
}
