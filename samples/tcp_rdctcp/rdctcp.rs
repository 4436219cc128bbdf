// SPDX-License-Identifier: GPL-2.0-only

//! DCTCP: a window that shrinks by as much as was marked.
//!
//! Switches of a data center mark packets (ECN) as soon as a queue begins to grow. Plain TCP halves
//! its window for any mark in a round trip, which is too much for a short queue: the link runs dry.
//! Here the receiver echoes each change between marked and unmarked at once, so the sender knows
//! the part of its packets that was marked, and takes half of that part from its window
//! ([RFC 8257](https://www.rfc-editor.org/rfc/rfc8257)). Queues stay short, and bursts find room in
//! the shallow buffers of such switches. Everything else is Reno, and so is a connection whose
//! other end has no ECN.
//!
//! The reference is [`net/ipv4/tcp_dctcp.c`](srctree/net/ipv4/tcp_dctcp.c) and `tcp_dctcp.h` by
//! Daniel Borkmann, Florian Westphal and Glenn Judd, after a prototype by Abdul Kabbani, Masato
//! Yasuda and Mohammad Alizadeh, and after Alizadeh and others, "Data Center TCP (DCTCP)", SIGCOMM
//! 2010. Results are the same, bit for bit, for all states that its own code makes. The
//! differences:
//!
//! | input                                    | C                        | here                   |
//! |------------------------------------------|--------------------------|------------------------|
//! | `alpha` takes more than the window       | the difference wraps     | the least threshold, 2 |
//! | `loss_cwnd` is 2^31 or more              | returns it as the window | it is ignored          |
//! | fallback on a socket of another module   | no reference is taken    | no fallback            |

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    prelude::*,
    DctcpInfo, //
};

/// An `alpha` of 1: every packet is marked.
const MAX_ALPHA: u32 = 1 << ALPHA_SHIFT;

/// Denominator of `alpha`, as a shift.
const ALPHA_SHIFT: u32 = 10;

/// Denominator of the part of a round trip's packets that was marked, for PLB, as a shift
/// (`TCP_PLB_SCALE`).
const PLB_SCALE: u32 = 8;

parameters! {
    /// The parameters of C, under its names.
    pub struct Params {
        // 1/16, as in RFC 8257: it averages over a few round trips and still follows the queue.
        // With more than 10 nothing would be left of g in 1/1024.
        /// g, the weight of a round trip in alpha, as a shift: 4 for 1/16
        writable dctcp_shift_g: u32 = 4, 0..=10;
        // 1: the first mark halves the window, as in Reno, while there is no average yet.
        /// alpha of a new connection, in 1/1024; more than 1024 counts as 1024
        writable dctcp_alpha_on_init: u32 = MAX_ALPHA, 0..=u32::MAX;
    }
}

state! {
    /// The state of a connection. The layout is that of C's `struct dctcp`.
    pub struct Dctcp {
        /// `delivered` at the start of the round trip.
        pub old_delivered: Packets,
        /// `delivered_ce` at the start of the round trip.
        pub old_delivered_ce: Packets,
        /// `rcv_nxt` before the last packet that was received.
        pub prior_rcv_nxt: SeqNo,
        /// `DCTCP.Alpha`: the part of the packets that is marked on average, in 1/1024.
        pub dctcp_alpha: u32,
        /// `DCTCP.WindowEnd`: the round trip ends when this is acknowledged.
        pub next_seq: SeqNo,
        /// `DCTCP.CE`: 1 if the last packet that was received was marked, 0 if not.
        pub ce_state: u32,
        /// The window before the last reduction.
        pub loss_cwnd: Packets,
        /// How long the path has been congested.
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
        undo_cwnd,
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

/// Reno, for a connection without ECN: DCTCP would never see a mark, and `ss` should show that.
pub struct RdctcpReno;

impl CongestionControl for RdctcpReno {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "rdctcp-reno",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            get_info: Some(|_, ()| Info::Dctcp(DctcpInfo::default())),
            ..Optional::NONE
        },
    };
}

/// Begins with DCTCP, or falls back to Reno if the two ends did not agree on ECN.
///
/// A listening or closed socket has not negotiated yet: what it has chosen is for connections to
/// come.
fn init(sk: &mut Sock<Init<Dctcp>>) {
    if !sk.has_ecn() && !sk.is_unconnected() && sk.fall_back_to::<RdctcpReno>() {
        // The handshake was sent as ECN capable, since the flags of DCTCP ask for it.
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

/// Returns `cwnd * (1 - alpha / 2)` (RFC 8257, section 3.3, step 9): half of the window if every
/// packet was marked, as Reno, and almost all of it if few were.
fn ssthresh(sk: &mut Sock, ca: &mut Dctcp) -> Ssthresh {
    let cwnd = sk.snd_cwnd();
    ca.loss_cwnd = cwnd.packets();
    Ssthresh::clamped(cwnd.saturating_sub(cwnd * ca.dctcp_alpha >> (ALPHA_SHIFT + 1)))
}

/// Updates `alpha` when a round trip is over: `alpha = (1 - g) * alpha + g * M`, with the part `M`
/// of its packets that was marked (RFC 8257, section 3.3, steps 1 to 8).
///
/// The RFC counts bytes. Here packets count, whatever their sizes, as in the kernel's counters.
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
    // Once and at the end: `get_info` may read it at any time.
    ca.dctcp_alpha = alpha;

    let delivered = sk.delivered() - ca.old_delivered;
    if !delivered.is_zero() {
        // PLB gets this round trip alone: an average would be slow to show congestion.
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

/// Returns `alpha * (1 - g)`, with `g = 2^-shift_g`: `alpha` after a round trip without marks (RFC
/// 8257, section 3.3, step 6).
///
/// When `g * alpha` rounds to 0, all of `alpha` goes. It would never become 0 otherwise, and a
/// connection on an empty path would go on giving way.
pub fn without_marks(alpha: u32, shift_g: u32) -> u32 {
    match alpha.wrapping_shr(shift_g) {
        0 => 0,
        part => alpha.wrapping_sub(part),
    }
}

/// Returns `alpha + g * M`, with `M = delivered_ce / delivered`, but at most 1: the rest of the
/// same step.
pub fn with_marks(alpha: u32, shift_g: u32, delivered_ce: u32, delivered: u32) -> u32 {
    // g * M, in 1/1024. With the largest shift, 10, the product wraps at 2^22 marked packets in a
    // round trip; with the default at 2^26.
    let marked = delivered_ce.wrapping_shl(ALPHA_SHIFT.wrapping_sub(shift_g));
    alpha
        .wrapping_add(div_or(marked, delivered, marked))
        .min(MAX_ALPHA)
}

/// Halves the window for a fast retransmit. [`CaState::LOSS`] is left to [`CwndEvent::LOSS`], which
/// comes with it: once in a round trip is enough.
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

/// Lets PLB choose a new path, since nothing is in flight that it could reorder.
fn cwnd_event_tx_start(sk: &mut Sock<Event<Dctcp>>) {
    let (sk, ca) = sk.split();
    ca.plb.check_rehash(sk);
}

/// Returns the window before a reduction that proved wrong.
fn undo_cwnd(sk: &mut Sock, ca: &mut Dctcp) -> Cwnd {
    sk.snd_cwnd().max(ca.loss_cwnd)
}

fn get_info(sk: &Sock<Unlocked>, ca: &Dctcp) -> Info {
    let mss = sk.mss_cache().get();
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
    /// Begins a round trip, which ends when everything sent until now is acknowledged.
    fn begin_round_trip(&mut self, sk: &Sock) {
        self.next_seq = sk.snd_nxt();
        self.old_delivered = sk.delivered();
        self.old_delivered_ce = sk.delivered_ce();
    }

    /// Halves the window, as Reno (RFC 8257, section 3.5). A loss says that marks came too late or
    /// that a switch sets none, so `alpha` says nothing of it.
    fn react_to_loss(&mut self, sk: &mut Sock) {
        let cwnd = sk.snd_cwnd();
        self.loss_cwnd = cwnd.packets();
        sk.set_snd_ssthresh(Ssthresh::clamped(cwnd / 2));
    }
}

/// Processes a packet that came with a mark (1) or without (0), so that ACKs tell the sender
/// exactly which packets were marked.
///
/// An ACK has one bit for all the packets that it acknowledges, and a delayed one acknowledges
/// several. So a delayed ACK must not reach over a change (RFC 8257, section 3.2):
///
/// ```text
///            marked: an ACK without ECE for what came before, if one is due;
///            then one with ECE at once
///          +-----------------------------------------------------------------+
///          |                                                                 v
///     ce_state = 0                                                      ce_state = 1
///  ACKs without ECE,                                                   ACKs with ECE,
///  delayed as usual                                                    delayed as usual
///          ^                                                                 |
///          +-----------------------------------------------------------------+
///            not marked: an ACK with ECE for what came before, if one is due;
///            then one without ECE at once
/// ```
fn echo(sk: &mut Sock<Event<Dctcp>>, ce_state: u32) {
    let before = sk.state().ce_state;
    if before != ce_state {
        // What came before this packet, and with the bit that it had.
        if sk.is_ack_delayed() {
            sk.set_demand_cwr(before == 1);
            sk.send_ack(sk.state().prior_rcv_nxt);
        }
        sk.ack_now();
    }
    // The kernel counts the packet after this event.
    let rcv_nxt = sk.rcv_nxt();
    let ca = sk.state_mut();
    ca.prior_rcv_nxt = rcv_nxt;
    ca.ce_state = ce_state;
    sk.set_demand_cwr(ce_state == 1);
}
