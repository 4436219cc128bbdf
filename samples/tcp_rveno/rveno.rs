// SPDX-License-Identifier: GPL-2.0-only

//! Veno: Reno that tells losses by congestion from those of a radio link.
//!
//! Vegas' estimate says how many packets of the window wait in a queue. If they are few, the path
//! is not congested, and a loss is probably one of the link: then it takes a fifth of the window
//! and not a half. If they are many, the window grows in every other round trip only, and stays
//! longer near what the path holds.
//!
//! The reference is [`net/ipv4/tcp_veno.c`](srctree/net/ipv4/tcp_veno.c) by Bin Zhou and Cheng Peng
//! Fu, after Fu and Liew, "TCP Veno: TCP Enhancement for Transmission over Wireless Access
//! Networks", IEEE JSAC, 2003. Results are the same, bit for bit, wherever C is defined. The
//! difference:
//!
//! | input                                   | C                        | here                    |
//! |-----------------------------------------|--------------------------|-------------------------|
//! | an RTT of 0, which only other code sets | divides by it            | the quotient is 0       |

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    parts::vegas::{
        FEW_SAMPLES,
        NO_RTT, //
    },
    prelude::*, //
};

/// Packets in the queue count in 2^-`SCALE_SHIFT`.
const SCALE_SHIFT: u32 = 1;

/// From so many packets in the queue on the path is congested.
const BETA: u32 = 3 << SCALE_SHIFT;

state! {
    /// The state of a connection. The layout is that of C's `struct veno`.
    pub struct Veno {
        /// Not 0 while measurements are of use.
        pub doing_veno_now: u8,
        /// RTT samples so far.
        pub cnt_rtt: u16,
        /// The shortest RTT since the last ACK that could grow the window.
        pub min_rtt: Usecs32,
        /// The shortest RTT of the connection, or since the last pause.
        pub base_rtt: Usecs32,
        /// Not 0 if the window grows in this round trip, with a queue.
        pub inc: u32,
        /// Packets in the queue, in 1/2.
        pub diff: u32,
    }
}

/// Veno.
pub struct Rveno;

impl CongestionControl for Rveno {
    type State = Veno;

    const OPS: Ops<Self> = Ops {
        name: "rveno",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(|sk| sk.state_mut().init()),
            set_state: Some(set_state),
            cwnd_event: Some(cwnd_event),
            cwnd_event_tx_start: Some(|sk| sk.state_mut().init()),
            pkts_acked: Some(pkts_acked),
            ..Optional::NONE
        },
    };
}

/// Begins again after a pause: the path may be another.
fn cwnd_event(sk: &mut Sock<Event<Veno>>, event: CwndEvent) {
    if event == CwndEvent::CWND_RESTART {
        sk.state_mut().init();
    }
}

/// Measures in the open state only, from its beginning.
fn set_state(_: &mut Sock, veno: &mut Veno, new_state: CaState) {
    if new_state == CaState::OPEN {
        veno.enable();
    } else {
        veno.doing_veno_now = 0;
    }
}

/// Takes the sample of an ACK. It counts as a microsecond longer, so that none is 0.
fn pkts_acked(_: &mut Sock, veno: &mut Veno, sample: &AckSample) {
    let Some(rtt) = sample.rtt() else {
        return;
    };
    let rtt = Usecs32::new(rtt.get() as u32) + Usecs32::new(1);
    veno.base_rtt = veno.base_rtt.min(rtt);
    veno.min_rtt = veno.min_rtt.min(rtt);
    veno.cnt_rtt = veno.cnt_rtt.wrapping_add(1);
}

fn cong_avoid(sk: &mut Sock, veno: &mut Veno, ack: SeqNo, acked: Acked) {
    if veno.doing_veno_now == 0 {
        return reno::cong_avoid(sk, veno, ack, acked);
    }
    if !sk.is_cwnd_limited() {
        return;
    }
    let min_rtt = core::mem::replace(&mut veno.min_rtt, NO_RTT);
    if veno.cnt_rtt <= FEW_SAMPLES {
        return reno::cong_avoid(sk, veno, ack, acked);
    }
    veno.measure(sk.snd_cwnd(), min_rtt);
    if sk.in_slow_start() {
        return slow_start(sk, veno, acked);
    }
    veno.grow(sk, acked);
    keep_within_bounds(sk);
}

/// Grows in slow start, and after it. Not a part of [`cong_avoid`], which would save registers for
/// it.
#[inline(never)]
fn slow_start(sk: &mut Sock, veno: &mut Veno, acked: Acked) {
    let left = sk.slow_start(acked);
    if !left.is_zero() {
        veno.grow(sk, left);
    }
    keep_within_bounds(sk);
}

/// Takes a fifth of the window, or a half if there is a queue.
fn ssthresh(sk: &mut Sock, veno: &mut Veno) -> Ssthresh {
    let cwnd = sk.snd_cwnd();
    Ssthresh::clamped(if veno.diff < BETA {
        cwnd * 4 / 5
    } else {
        cwnd / 2
    })
}

/// Keeps the window between 2 and its upper bound.
fn keep_within_bounds(sk: &mut Sock) {
    let (cwnd, clamp) = (sk.snd_cwnd(), sk.snd_cwnd_clamp());
    if cwnd < Packets::new(2) {
        sk.set_snd_cwnd(Cwnd::clamped(Packets::new(2)));
    } else if cwnd > clamp {
        sk.set_snd_cwnd(Cwnd::clamped(clamp));
    }
}

impl Veno {
    /// Forgets all that was measured, but for how many samples there were.
    fn init(&mut self) {
        self.base_rtt = NO_RTT;
        self.inc = 1;
        self.enable();
    }

    /// Begins to measure.
    fn enable(&mut self) {
        self.doing_veno_now = 1;
        self.min_rtt = NO_RTT;
    }

    /// Estimates the queue, as Vegas: the window, less what fits into the path without one.
    fn measure(&mut self, cwnd: Cwnd, min_rtt: Usecs32) {
        let fitting = u64::from(cwnd.get()).wrapping_mul(self.base_rtt.get().into());
        let fitting = div64_or(fitting << SCALE_SHIFT, min_rtt.get().into(), 0);
        self.diff = (cwnd.get() << SCALE_SHIFT).wrapping_sub(fitting as u32);
    }

    /// Grows in congestion avoidance: by a packet in a round trip, or in two if there is a queue.
    fn grow(&mut self, sk: &mut Sock, acked: Acked) {
        let cwnd = sk.snd_cwnd();
        if self.diff < BETA {
            return sk.cong_avoid_ai(cwnd, acked);
        }
        let count = sk.snd_cwnd_cnt();
        if cwnd > count {
            return sk.set_snd_cwnd_cnt(count + acked.packets());
        }
        if self.inc != 0 && cwnd < sk.snd_cwnd_clamp() {
            sk.set_snd_cwnd(Cwnd::clamped(cwnd + Packets::new(1)));
            self.inc = 0;
        } else {
            self.inc = 1;
        }
        sk.set_snd_cwnd_cnt(Packets::ZERO);
    }
}
