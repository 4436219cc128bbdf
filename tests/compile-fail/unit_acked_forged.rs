// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: increasing the number of acknowledged packets
// rustc: no function or associated item named `new` found for struct `tcp_cc::Acked`
// c: compiles; `tcp_slow_start()` overflows the window
// bpf loads: `tcp_slow_start()` overflows the window
// forced loads: `tcp_slow_start()` overflows the window

fn cong_avoid(sk: &mut Sock, memory: &mut (), ack: SeqNo, acked: Acked) {
    #[cfg(wrong)]
    let acked = Acked::new(1 << 31); //~ error
    #[cfg(forced)]
    let acked = {
        let _ = acked;
        // SAFETY: There is none: this is the mistake.
        unsafe { core::mem::transmute::<u32, Acked>(1 << 31) }
    };
    reno::cong_avoid(sk, memory, ack, acked);
}
