// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: keeping a sample beyond the callback
// rustc: borrowed data escapes outside of function
// c: compiles; the sample was on the stack of the ACK's processing
// bpf: invalid mem access 'scalar'
// forced bpf: invalid mem access 'scalar'

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

#[cfg(forced)]
static mut KEPT: *const u8 = core::ptr::null();

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
            pkts_acked: Some(pkts_acked),
            ..Optional::NONE
        },
    };
}

fn pkts_acked(sk: &mut Sock, _: &mut (), sample: &AckSample) {
    let _ = (&sk, sample);
    #[cfg(not(any(right, forced)))]
    keep(sample); //~ wrong
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe {
        if !KEPT.is_null() {
            sk.set_snd_cwnd_cnt(AckSample::from_raw(KEPT.cast()).pkts_acked());
        }
        KEPT = sample.as_raw().cast();
    }
}

#[cfg(not(any(right, forced)))]
fn keep(_: &'static AckSample) {}
