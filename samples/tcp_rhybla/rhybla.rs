// SPDX-License-Identifier: GPL-2.0-only

//! Hybla: a satellite's connection grows as one of 25 ms would.
//!
//! Reno's window grows by round trips, so a connection with a long RTT grows slowly, and gets less
//! than its share. Here `rho` is the RTT over that of a reference, and a packet acknowledged grows
//! the window by
//!
//! ```text
//! 2^rho - 1       in slow start
//! rho^2 / cwnd    in congestion avoidance
//! ```
//!
//! A window is as large as its RTT is long, so that is `rho` times the growth of the reference in a
//! round trip, and `rho` times as much has to be. With an RTT below that of the reference `rho` is
//! 1: it is Reno. Fractions of a packet are kept until they are one.
//!
//! The reference is [`net/ipv4/tcp_hybla.c`](srctree/net/ipv4/tcp_hybla.c) by Daniele Lacamera,
//! after Caini and Firrincieli, "TCP Hybla: A TCP Enhancement for Heterogeneous Networks",
//! International Journal of Satellite Communications and Networking, 2004. Results are the same,
//! bit for bit, wherever C is defined. The differences:
//!
//! | input                                | C                           | here                    |
//! |--------------------------------------|-----------------------------|-------------------------|
//! | `rtt0` of 0 or less                  | divides by it, or wraps     | refused (`EINVAL`)      |
//! | fractions of many packets            | loops, once for each        | a division              |

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

/// `rho` counts in 2^-`RHO_SHIFT`, as the smoothed RTT of the socket.
const RHO_SHIFT: u32 = 3;

/// Growth counts in 2^-`CENTS_SHIFT` packets.
const CENTS_SHIFT: u32 = 7;

/// A packet, in these.
const PACKET: u32 = 1 << CENTS_SHIFT;

/// The largest window.
const MAX_CWND: Packets = Packets::new(65_535);

/// 2 to the power of an eighth of the index, in 1/128. The last is for an index that is no
/// fraction, which only other code has.
const FRACTIONS: LookupTable<u32, 9> =
    LookupTable::new([128, 139, 152, 165, 181, 197, 215, 234, 128]);

parameters! {
    /// The parameter of C, under its name.
    pub struct Params {
        /// reference rout trip time (ms)
        writable rtt0: u32 = 25, 1..=i32::MAX as u32;
    }
}

state! {
    /// The state of a connection. The layout is that of C's `struct hybla`.
    pub struct Hybla {
        /// Not 0 in the open state.
        pub hybla_en: u8,
        /// What the window has yet to grow by, in 1/128 packets.
        pub snd_cwnd_cents: Wrapping32,
        /// `rho`, rounded down.
        pub rho: Wrapping32,
        /// `rho^2`, rounded down.
        pub rho2: Wrapping32,
        /// `rho`, in 1/8.
        pub rho_3ls: Wrapping32,
        /// `rho^2`, in 1/128.
        pub rho2_7ls: Wrapping32,
        /// The shortest smoothed RTT, in 1/8 microseconds.
        pub minrtt_us: u32,
    }
}

/// Hybla.
pub struct Rhybla;

impl CongestionControl for Rhybla {
    type State = Hybla;

    const OPS: Ops<Self> = Ops {
        name: "rhybla",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(init),
            set_state: Some(|_, ca, new_state| {
                ca.hybla_en = u8::from(new_state == CaState::OPEN);
            }),
            ..Optional::NONE
        },
    };

    const PARAMETERS: Parameters = Params::DECLARED;
}

/// Begins with a window of `rho`, as the reference would with one of 1.
fn init(sk: &mut Sock<Init<Hybla>>) {
    let (sk, ca) = sk.split();
    ca.snd_cwnd_cents = Wrapping32::ZERO;
    ca.hybla_en = 1;
    sk.set_snd_cwnd_clamp(Cwnd::clamped(MAX_CWND));
    ca.minrtt_us = srtt_us(sk);
    ca.update_rho(ca.minrtt_us);
    sk.set_snd_cwnd(Cwnd::clamped(Packets::from(ca.rho)));
}

/// Returns the smoothed RTT with all its bits, in 1/8 microseconds.
fn srtt_us(sk: &Sock) -> u32 {
    field!(sk, tcp_sock.srtt_us: u32)
}

fn cong_avoid(sk: &mut Sock, ca: &mut Hybla, ack: SeqNo, acked: Acked) {
    let srtt_us = srtt_us(sk);
    if srtt_us < ca.minrtt_us {
        // The queue is no part of the path.
        ca.update_rho(srtt_us);
        ca.minrtt_us = srtt_us;
    }
    if !sk.is_cwnd_limited() {
        return;
    }
    if ca.hybla_en == 0 {
        return reno::cong_avoid(sk, ca, ack, acked);
    }
    if ca.rho.is_zero() {
        ca.update_rho(srtt_us);
    }

    let cwnd = Wrapping32::from(sk.snd_cwnd());
    let in_slow_start = sk.in_slow_start();
    let mut count = Wrapping32::from(sk.snd_cwnd_cnt());
    let increment = if in_slow_start {
        ca.slow_start_increment()
    } else {
        let increment = ca.rho2_7ls / cwnd;
        if increment < PACKET {
            count += 1;
        }
        increment
    };

    let mut grown = cwnd + (increment >> CENTS_SHIFT);
    let cents = ca.snd_cwnd_cents + increment % PACKET;
    ca.snd_cwnd_cents = cents % PACKET;
    if cents >= PACKET {
        grown += cents / PACKET;
        count = Wrapping32::ZERO;
    }
    // So large a window that a packet's part of it is none: then it grows as Reno's.
    if increment.is_zero() && count >= grown {
        grown += 1;
        count = Wrapping32::ZERO;
    }
    if in_slow_start {
        grown = grown.min(Wrapping32::from(sk.snd_ssthresh().packets()));
    }
    sk.set_snd_cwnd(Cwnd::clamped(Packets::from(grown).min(sk.snd_cwnd_clamp())));
    sk.set_snd_cwnd_cnt(Packets::from(count));
}

impl Hybla {
    /// Computes `rho` for a smoothed RTT in 1/8 microseconds.
    fn update_rho(&mut self, srtt_us: u32) {
        let rtt0_us = u64::from(Params::rtt0()).wrapping_mul(1_000);
        let rho = div64_or(srtt_us.into(), rtt0_us, 0) as u32;
        self.rho_3ls = Wrapping32::new(rho.max(1 << RHO_SHIFT));
        self.rho = self.rho_3ls >> RHO_SHIFT;
        self.rho2_7ls = (self.rho_3ls * self.rho_3ls) << 1;
        self.rho2 = self.rho2_7ls >> CENTS_SHIFT;
    }

    /// Returns `2^rho - 1`, in 1/128 packets: `2^integer` is a shift, and `2^fraction` in a table.
    fn slow_start_increment(&self) -> Wrapping32 {
        let fraction = self.rho_3ls - (self.rho << RHO_SHIFT);
        let integer = self.rho.min(Wrapping32::new(16));
        (Wrapping32::new(FRACTIONS.get(fraction.get())) << integer.get()) - PACKET
    }
}
