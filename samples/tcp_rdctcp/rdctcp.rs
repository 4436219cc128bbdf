// SPDX-License-Identifier: GPL-2.0-only

//! DCTCP: a window that shrinks as far as its packets were marked.
//!
//! Switches of a data center mark packets (ECN) as soon as a queue begins to grow. The receiver
//! echoes each change between marked and unmarked at once, so the sender knows which part of its
//! packets was marked, and takes as much from its window
//! ([RFC 8257](https://www.rfc-editor.org/rfc/rfc8257)). Everything else is Reno; and so is all of
//! it where the other end knows no ECN.
//!
//! The twin of [`net/ipv4/tcp_dctcp.c`](srctree/net/ipv4/tcp_dctcp.c) and `tcp_dctcp.h` by Daniel
//! Borkmann, Florian Westphal and Glenn Judd, after a prototype by Abdul Kabbani, Masato Yasuda and
//! Mohammad Alizadeh, and after Alizadeh and others, "Data Center TCP (DCTCP)", SIGCOMM 2010. It
//! decides as the twin does, bit for bit. On a state that the twin's own code never makes the twin
//! may answer with more packets than the kernel takes; here an `alpha` that takes more than the
//! window leaves the least, and a window before the loss of 2^31 packets or more is passed over.
//! And where the twin, called on a socket of another module, would hand over its own table without
//! a reference, here nothing is handed over.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    prelude::*,
    DctcpInfo, //
};

/// An `alpha` of 1: every packet is marked. It is kept in 1/1024.
const MAX_ALPHA: u32 = 1 << ALPHA_SHIFT;

/// `alpha` is in 2^-10.
const ALPHA_SHIFT: u32 = 10;

/// PLB wants the part of a round trip's packets that was marked in 2^-8 (`TCP_PLB_SCALE`).
const PLB_SCALE: u32 = 8;

parameters! {
    /// The parameters of the twin, under its names.
    pub struct Params {
        /// g, the weight of a round trip in alpha, as a shift: 4 for 1/16
        writable dctcp_shift_g: u32 = 4, 0..=10;
        /// alpha of a new connection, in 1/1024; more than 1024 counts as 1024
        writable dctcp_alpha_on_init: u32 = MAX_ALPHA, 0..=u32::MAX;
    }
}

state! {
    /// What DCTCP remembers of a connection. The layout is that of `struct dctcp`.
    pub struct Dctcp {
        /// `delivered` when the round trip began.
        pub old_delivered: Packets,
        /// `delivered_ce` when the round trip began.
        pub old_delivered_ce: Packets,
        /// `rcv_nxt` before the packet that came last.
        pub prior_rcv_nxt: SeqNo,
        /// Which part of the packets is marked on average, in 1/1024.
        pub dctcp_alpha: u32,
        /// The round trip ends when this is acknowledged.
        pub next_seq: SeqNo,
        /// Whether the packet that came last was marked (`DCTCP.CE`).
        pub ce_state: u32,
        /// The window before the last reduction.
        pub loss_cwnd: Packets,
        /// Whether the path has been congested for so long that another one may be better.
        pub plb: Plb,
    }
}

/// DCTCP.
pub struct Rdctcp;

impl CongestionControl for Rdctcp {
    type State = Dctcp;

    const OPS: Ops<Self> = Ops {
        name: "rdctcp",
        flags: Flags::NEEDS_ECN,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh,
        undo_cwnd: cwnd_undo,
        optional: Optional {
            init: Some(init),
            set_state: Some(set_state),
            cwnd_event: Some(cwnd_event),
            cwnd_event_tx_start: Some(cwnd_event_tx_start),
            in_ack_event: Some(update_alpha),
            get_info: Some(get_info),
            ..Optional::NONE
        },
    };

    const PARAMETERS: Parameters = Params::DECLARED;
}

/// Reno, for a connection without ECN.
pub struct RdctcpReno;

impl CongestionControl for RdctcpReno {
    type State = Dctcp;

    const OPS: Ops<Self> = Ops {
        name: "rdctcp-reno",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            get_info: Some(|_, _| Info::Dctcp(DctcpInfo::default())),
            ..Optional::NONE
        },
    };
}

fn init(sk: &mut Sock<Init<Dctcp>>) {
    if !sk.has_ecn() && !sk.is_unconnected() && sk.fall_back_to::<RdctcpReno>() {
        // The handshake was sent as ECN capable, since the table wants it.
        sk.clear_ect();
        return;
    }
    let (sk, ca) = sk.split();
    ca.prior_rcv_nxt = sk.rcv_nxt();
    ca.dctcp_alpha = Params::dctcp_alpha_on_init().min(MAX_ALPHA);
    ca.loss_cwnd = Packets::ZERO;
    ca.ce_state = 0;
    ca.begin_round_trip(sk);
    ca.plb.clear();
}

/// `cwnd = cwnd * (1 - alpha / 2)` (RFC 8257, section 3.3, step 9).
fn ssthresh(sk: &mut Sock, ca: &mut Dctcp) -> Ssthresh {
    let cwnd = sk.snd_cwnd();
    ca.loss_cwnd = cwnd.packets();
    Ssthresh::clamped(cwnd.saturating_sub(cwnd * ca.dctcp_alpha >> (ALPHA_SHIFT + 1)))
}

/// Steps 1 to 8 of RFC 8257, section 3.3, when a round trip is over. A packet is a packet here,
/// whatever its size, where the RFC counts bytes.
fn update_alpha(sk: &mut Sock<Event<Dctcp>>, _: AckEventFlags) {
    let (sk, ca) = sk.split();
    if sk.snd_una().before(ca.next_seq) {
        return;
    }
    let shift_g = Params::dctcp_shift_g();
    let mut alpha = ca.dctcp_alpha;
    if alpha != 0 {
        alpha = without_marks(alpha, shift_g);
    }
    let delivered_ce = sk.delivered_ce() - ca.old_delivered_ce;
    if !delivered_ce.is_zero() {
        let delivered = sk.delivered() - ca.old_delivered;
        alpha = with_marks(alpha, shift_g, delivered_ce.get(), delivered.get());
    }
    ca.dctcp_alpha = alpha;

    let delivered = sk.delivered() - ca.old_delivered;
    if !delivered.is_zero() {
        // An average would be slow to show congestion: PLB has this round trip alone.
        let ce_ratio = if delivered_ce.is_zero() {
            0
        } else {
            (delivered_ce << PLB_SCALE) / delivered
        };
        ca.plb.update(sk, ce_ratio as i32);
        ca.plb.check_rehash(sk);
    }
    ca.begin_round_trip(sk);
}

/// `alpha * (1 - g)`, with `g = 2^-shift_g`: after a round trip without marks (RFC 8257, section
/// 3.3, step 6). Even the last 1/1024 goes.
pub fn without_marks(alpha: u32, shift_g: u32) -> u32 {
    match alpha.wrapping_shr(shift_g) {
        0 => 0,
        part => alpha.wrapping_sub(part),
    }
}

/// `alpha + g * M`, with `M = delivered_ce / delivered`, up to 1: the rest of the same step.
pub fn with_marks(alpha: u32, shift_g: u32, delivered_ce: u32, delivered: u32) -> u32 {
    // g * M, in 2^-10. The shift is not larger than 10: 2^22 marked packets are too many.
    let marked = delivered_ce.wrapping_shl(ALPHA_SHIFT.wrapping_sub(shift_g));
    alpha
        .wrapping_add(div_or(marked, delivered, marked))
        .min(MAX_ALPHA)
}

/// Not [`CaState::LOSS`], for which [`CwndEvent::LOSS`] comes: once in a round trip is enough.
fn set_state(sk: &mut Sock, ca: &mut Dctcp, new_state: CaState) {
    if new_state == CaState::RECOVERY && sk.ca_state() != CaState::RECOVERY {
        ca.react_to_loss(sk);
    }
}

fn cwnd_event(sk: &mut Sock<Event<Dctcp>>, event: CwndEvent) {
    match event {
        CwndEvent::ECN_IS_CE => echo(sk, 1),
        CwndEvent::ECN_NO_CE => echo(sk, 0),
        CwndEvent::LOSS => {
            let (sk, ca) = sk.split();
            ca.plb.upon_rto(sk);
            ca.react_to_loss(sk);
        }
        _ => (),
    }
}

/// Nothing is in flight that a new path could reorder.
fn cwnd_event_tx_start(sk: &mut Sock<Event<Dctcp>>) {
    let (sk, ca) = sk.split();
    ca.plb.check_rehash(sk);
}

fn cwnd_undo(sk: &mut Sock, ca: &mut Dctcp) -> Cwnd {
    sk.snd_cwnd().max(ca.loss_cwnd)
}

fn get_info(sk: &Sock<Unlocked>, ca: &Dctcp) -> Info {
    let mss = sk.mss_cache();
    let bytes = |packets: Packets| (packets * mss).get();
    Info::Dctcp(DctcpInfo {
        enabled: true,
        ce_state: ca.ce_state as u16,
        alpha: ca.dctcp_alpha,
        ab_ecn: bytes(sk.delivered_ce() - ca.old_delivered_ce),
        ab_tot: bytes(sk.delivered() - ca.old_delivered),
    })
}

impl Dctcp {
    /// A round trip begins: it ends when everything sent until now is acknowledged.
    fn begin_round_trip(&mut self, sk: &Sock) {
        self.next_seq = sk.snd_nxt();
        self.old_delivered = sk.delivered();
        self.old_delivered_ce = sk.delivered_ce();
    }

    /// Halves the window, as Reno (RFC 8257, section 3.5).
    fn react_to_loss(&mut self, sk: &mut Sock) {
        let cwnd = sk.snd_cwnd();
        self.loss_cwnd = cwnd.packets();
        sk.set_snd_ssthresh(Ssthresh::clamped(cwnd / 2));
    }
}

/// Has ACKs tell the sender exactly which packets were marked: a packet came with a mark (1) or
/// without (0) (RFC 8257, section 3.2).
fn echo(sk: &mut Sock<Event<Dctcp>>, ce_state: u32) {
    let before = sk.state().ce_state;
    if before != ce_state {
        // What came before this packet is acknowledged as what it was.
        if sk.is_ack_delayed() {
            sk.set_demand_cwr(before == 1);
            sk.send_ack(sk.state().prior_rcv_nxt);
        }
        sk.ack_now();
    }
    let rcv_nxt = sk.rcv_nxt();
    let ca = sk.state_mut();
    ca.prior_rcv_nxt = rcv_nxt;
    ca.ce_state = ce_state;
    sk.set_demand_cwr(ce_state == 1);
}
