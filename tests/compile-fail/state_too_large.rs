// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a state larger than `icsk_ca_priv`
// rustc: the state is larger than a socket has room for (icsk_ca_priv, 104 bytes)
// c: a `BUILD_BUG_ON()`, unless it was forgotten; then it overwrites the next fields of the socket
// bpf: no write support to tcp_sock at off
// forced bpf: no write support to tcp_sock at off

use tcp_cc::prelude::*;

#[cfg(any(right, forced))]
const LENGTH: usize = 26;
#[cfg(not(any(right, forced)))]
const LENGTH: usize = 27;

state! { //~ wrong
    struct Memory {
        samples: [u32; LENGTH],
    }
}

struct Algorithm;

impl CongestionControl for Algorithm {
    type State = Memory;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        #[cfg(not(forced))]
        ssthresh: reno::ssthresh,
        #[cfg(forced)]
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    let large = (memory as *mut Memory).cast::<[u32; 27]>();
    // SAFETY: There is none: this is the mistake.
    unsafe { (*large)[26] = 1 };
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}

ferrops::module_tcp_congestion_ops! {
    algorithm: Algorithm, //~ wrong
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}
