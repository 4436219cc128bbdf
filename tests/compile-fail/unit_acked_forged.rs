// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: increasing the number of acknowledged packets
// rustc: no function or associated item named `new` found for struct `tcp_cc::Acked`
// c: compiles; `tcp_slow_start()` overflows the window
// bpf loads: `tcp_slow_start()` overflows the window
// forced loads: `tcp_slow_start()` overflows the window

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn cong_avoid(sk: &mut Sock, memory: &mut (), ack: SeqNo, acked: Acked) {
    #[cfg(not(any(right, forced)))]
    let acked = Acked::new(1 << 31); //~ wrong
    #[cfg(forced)]
    let acked = {
        let _ = acked;
        // SAFETY: There is none: this is the mistake.
        unsafe { core::mem::transmute::<u32, Acked>(1 << 31) }
    };
    reno::cong_avoid(sk, memory, ack, acked);
}
