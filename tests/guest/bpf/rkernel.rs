// SPDX-License-Identifier: GPL-2.0-only

//! Shows what the running kernel is to a program, for `ss`: in a connection's window
//! `MAX_TCP_HEADER`, in its threshold `HZ` times 10 and how often sending began.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    hz,
    max_tcp_header,
    prelude::*, //
};

/// Shows the kernel.
pub struct Rkernel;

impl CongestionControl for Rkernel {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "rkernel",
        flags: Flags::NONE,
        control: Control::CongAvoid(|_, _, _, _| ()),
        ssthresh: |sk, _| Ssthresh::clamped(sk.snd_ssthresh()),
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(init),
            cwnd_event: Some(cwnd_event),
            cwnd_event_tx_start: Some(|sk| add(sk, 1)),
            ..Optional::NONE
        },
    };
}

fn init(sk: &mut Sock<Init<()>>) {
    sk.set_snd_cwnd(Cwnd::clamped(Packets::new(max_tcp_header().get())));
    sk.set_snd_ssthresh(Ssthresh::clamped(Packets::new(hz()) * 10));
}

/// The beginning of sending, 0, is no event here, whatever the kernel.
fn cwnd_event(sk: &mut Sock<Event<()>>, event: CwndEvent) {
    if event.as_raw() == 0 {
        add(sk, 30_000);
    }
}

/// Raises the threshold.
fn add(sk: &mut Sock, packets: u32) {
    let ssthresh = sk.snd_ssthresh().packets() + Packets::new(packets);
    sk.set_snd_ssthresh(Ssthresh::clamped(ssthresh));
}
