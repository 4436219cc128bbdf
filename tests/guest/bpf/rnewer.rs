// SPDX-License-Identifier: GPL-2.0-only

//! Reads a field that older kernels lack: the test that builds this has `lost` read
//! `accecn_opt_tstamp`, which came with Linux 6.18.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

/// Reads the field.
pub struct Rnewer;

impl CongestionControl for Rnewer {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "rnewer",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: |sk, _| Ssthresh::clamped(sk.lost()),
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}
