// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: using the RTT of an ACK without a sample
// rustc: no method named `get` found for enum `Option`
// c: compiles; `rtt_us` is -1 then, 71 minutes as an unsigned number
// bpf loads: the least RTT is 71 minutes, or -1
// forced loads: the least RTT is 71 minutes, or -1

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

state! {
    pub struct Memory {
        pub value: u32,
    }
}

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = Memory;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            pkts_acked: Some(pkts_acked),
            ..Optional::NONE
        },
    };
}

fn pkts_acked(_: &mut Sock, memory: &mut Memory, sample: &AckSample) {
    #[cfg(right)]
    let rtt = sample.rtt().map_or(0, Usecs::get);
    #[cfg(not(any(right, forced)))]
    let rtt = sample.rtt().get(); //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    let rtt = unsafe { sample.rtt().unwrap_unchecked() }.get();
    memory.value = rtt as u32;
}
