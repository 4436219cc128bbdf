// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: keeping a sample beyond the callback
// rustc: borrowed data escapes outside of function
// c: compiles; the sample was on the stack of the ACK's processing
// bpf: invalid mem access 'scalar'

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::Classic(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        hooks: Hooks {
            pkts_acked: Some(pkts_acked),
            ..Hooks::NONE
        },
    };
}

fn pkts_acked(_: &mut Sock<'_>, _: &mut (), sample: &AckSample<'_>) {
    #[cfg(right)]
    let _ = sample;
    #[cfg(not(right))]
    keep(sample); //~ wrong
}

#[cfg(not(right))]
fn keep(_: &'static AckSample<'static>) {}
