// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: `get_info` that changes the socket
// rustc: found for reference `&tcp_cc::Sock<tcp_cc::context::Unlocked>`
// c: compiles; races with the ACK being processed
// no bpf: it has no `get_info`; see above

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            get_info: Some(get_info),
            ..Optional::NONE
        },
    };
}

fn get_info(sk: &Sock<Unlocked>, _: &()) -> Info {
    #[cfg(right)]
    let _ = sk.snd_cwnd();
    #[cfg(not(right))]
    sk.set_snd_cwnd(sk.snd_cwnd()); //~ wrong
    Info::Vegas(Default::default())
}
