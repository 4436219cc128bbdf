// SPDX-License-Identifier: GPL-2.0-only

//! Where a reference is undefined: what it divides by may be 0, or a loop of it has no end in
//! sight.
//!
//! The reference's own code never makes these states, but a BPF program may hand them to a
//! callback. In them the reference is not called.

use crate::{
    event::{
        Event,
        Kind, //
    },
    side::{
        Index,
        Side, //
    },
};
use ferrops_bindings as bindings;

/// The precondition that a case is outside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    /// The window is 0 or may not be 1, or would grow beyond 2^30 packets, a terabyte in flight:
    /// the kernel never has such a window nor acknowledges so many. No table is called then.
    Window,
    /// `cnt` is 0 and is not computed anew: `tcp_cong_avoid_ai()` divides by it.
    Cnt,
    /// CUBIC's loop that follows Reno's window would turn more than [`MAX_TURNS`] times, or for
    /// ever.
    Turns,
    /// `delayed_ack` is 0: BIC divides by it.
    DelayedAck,
    /// DCTCP's `alpha` is above 1, and takes more from the window than there is.
    Alpha,
    /// DCTCP's window before the loss is 2^31 packets or more.
    LossCwnd,
    /// A table in BPF falls back through a system call, for which a socket has to be the kernel's.
    /// No table is called then.
    FallBack,
    /// The MSS is 0: BBR divides by it.
    Mss,
    /// BBR shifts the pacing rate by as many bits as it has, or more.
    PacingShift,
    /// BBR warns of the mode it is in.
    Mode,
    /// BBR may set a window of 0 or of more than 2^31 - 1 packets, of which the kernel warns.
    SetWindow,
    /// BBR may set a threshold of more than 2^31 - 1 packets, and an `Ssthresh` is at most that.
    SetThreshold,
}

impl Outside {
    /// All of them.
    pub(crate) const ALL: [Self; 12] = [
        Self::Window,
        Self::Cnt,
        Self::Turns,
        Self::DelayedAck,
        Self::Alpha,
        Self::LossCwnd,
        Self::FallBack,
        Self::Mss,
        Self::PacingShift,
        Self::Mode,
        Self::SetWindow,
        Self::SetThreshold,
    ];

    /// Whether a table without preconditions may be called.
    pub(crate) fn is_of_reference(self) -> bool {
        !matches!(self, Self::Window | Self::FallBack)
    }

    /// What is the matter.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Window => "a window of 0, or of 2^30 packets",
            Self::Cnt => "a cnt of 0",
            Self::Turns => "more than 10000 turns of CUBIC's loop",
            Self::DelayedAck => "a delayed_ack of 0",
            Self::Alpha => "an alpha above 1 that takes more than the window",
            Self::LossCwnd => "a window before the loss of 2^31 packets or more",
            Self::FallBack => "no ECN, in BPF",
            Self::Mss => "an MSS of 0",
            Self::PacingShift => "a sk_pacing_shift of more than 63",
            Self::Mode => "a mode that BBR does not have",
            Self::SetWindow => "a window to be set that is no window",
            Self::SetThreshold => "a threshold to be set of 2^31 or more",
        }
    }
}

/// Of CUBIC's loop.
const MAX_TURNS: u32 = 10_000;

/// CUBIC's `beta_scale` with its default `beta` of 717: `8 (1024 + 717) / 3 / (1024 - 717)`.
const BETA_SCALE: u32 = 15;

/// The words of the state that matter.
pub(crate) mod word {
    pub(super) const CNT: usize = 0;
    pub(super) const LAST_CWND: usize = 2;
    pub(super) const CUBIC_ACK_CNT: usize = 8;
    pub(super) const BIC_DELAYED_ACK: usize = 5;
    pub(super) const DCTCP_ALPHA: usize = 3;
    pub(super) const DCTCP_LOSS_CWND: usize = 6;
    pub(crate) const BBR_MIN_RTT: usize = 0;
    /// The values in the windowed filter.
    pub(crate) const BBR_BW: [usize; 3] = [4, 6, 8];
    /// Its lowest three bits are the mode.
    pub(crate) const BBR_STATUS: usize = 14;
    /// Bits 23 to 25 are the phase in ProbeBW.
    pub(crate) const BBR_GAINS: usize = 19;
    pub(super) const BBR_PRIOR_CWND: usize = 20;
}

/// Whether a table of this name has a precondition.
pub(crate) fn is_particular(name: &str) -> bool {
    matches!(name, "cubic" | "bpf_cubic" | "bic" | "dctcp" | "bbr")
}

/// Whether the event makes a table that needs ECN fall back.
pub(crate) fn falls_back(side: &Side<'_>, event: &Event) -> bool {
    const ECN_MODE_ANY: u32 = (1 << 0) | (1 << 4);
    const TCP_CLOSE: u32 = 7;
    const TCP_LISTEN: u32 = 10;

    event.kind == Kind::init
        && side.table.ops().flags & bindings::FERROPS_CONG_NEEDS_ECN as u32 != 0
        && side.get(Index::ecn_flags) & ECN_MODE_ANY == 0
        && ![TCP_CLOSE, TCP_LISTEN].contains(&side.get(Index::sk_state))
}

/// What precondition of DCTCP the event is outside of.
fn outside_dctcp(side: &Side<'_>, event: &Event) -> Option<Outside> {
    let cwnd = side.get(Index::snd_cwnd);
    if side.has_fallen_back() {
        return None;
    }
    match event.kind {
        Kind::ssthresh => {
            let taken = cwnd.wrapping_mul(side.state(word::DCTCP_ALPHA)) >> 11;
            (taken > cwnd).then_some(Outside::Alpha)
        }
        Kind::undo_cwnd => {
            (side.state(word::DCTCP_LOSS_CWND) > i32::MAX as u32).then_some(Outside::LossCwnd)
        }
        _ => None,
    }
}

/// What precondition of the table `name` the event is outside of, if of any.
pub(crate) fn outside(name: &str, side: &Side<'_>, event: &Event) -> Option<Outside> {
    if name == "bbr" {
        return bbr(side, event);
    }
    if event.kind != Kind::cong_avoid {
        return if name == "dctcp" {
            outside_dctcp(side, event)
        } else {
            None
        };
    }

    let cwnd = side.get(Index::snd_cwnd);
    let acked = event.word(1);
    let most = u64::from(cwnd) + u64::from(acked) + u64::from(side.get(Index::snd_cwnd_cnt)) + 1;
    if most > 1 << 30 || cwnd == 0 || side.get(Index::snd_cwnd_clamp) == 0 {
        return Some(Outside::Window);
    }
    if !is_particular(name) || name == "dctcp" {
        return None;
    }

    // As in cong_avoid(): which window and how many packets come to congestion avoidance.
    let ssthresh = side.get(Index::snd_ssthresh);
    let in_slow_start = cwnd < ssthresh;
    let packets_out = side.get(Index::max_packets_out);
    let may_double = in_slow_start && cwnd < packets_out.wrapping_mul(2);
    if side.get(Index::is_cwnd_limited) == 0 && !may_double {
        return None;
    }
    let (cwnd, acked) = if in_slow_start {
        let grown = (cwnd + acked).min(ssthresh);
        (
            grown.min(side.get(Index::snd_cwnd_clamp)),
            acked - (grown - cwnd),
        )
    } else {
        (cwnd, acked)
    };
    if in_slow_start && acked == 0 {
        return None;
    }

    if side.state(word::CNT) == 0 && side.state(word::LAST_CWND) == cwnd {
        return Some(Outside::Cnt);
    }
    if name == "bic" {
        return (side.state(word::BIC_DELAYED_ACK) == 0).then_some(Outside::DelayedAck);
    }
    // A new epoch begins to count anew.
    let count = side
        .state(word::CUBIC_ACK_CNT)
        .wrapping_add(acked)
        .max(acked);
    match count.checked_div(cwnd.wrapping_mul(BETA_SCALE) >> 3) {
        Some(turns) if turns <= MAX_TURNS => None,
        _ => Some(Outside::Turns),
    }
}

/// What precondition of BBR the event is outside of, if of any.
fn bbr(side: &Side<'_>, event: &Event) -> Option<Outside> {
    const MAX_WINDOW: u64 = i32::MAX as u64;
    const STARTUP: u32 = 0;
    const PROBE_RTT: u32 = 3;

    let prior_cwnd = side.state(word::BBR_PRIOR_CWND);
    let mode = side.state(word::BBR_STATUS) & 7;
    if event.kind == Kind::cwnd_event_tx_start {
        // The end of ProbeRTT restores the window.
        let is_none = mode == PROBE_RTT && u64::from(prior_cwnd) > MAX_WINDOW;
        return is_none.then_some(Outside::SetWindow);
    }
    if event.kind != Kind::cong_control {
        return None;
    }
    if side.get(Index::mss_cache) == 0 {
        return Some(Outside::Mss);
    }
    if side.get(Index::sk_pacing_shift) >= u64::BITS {
        return Some(Outside::PacingShift);
    }
    if mode > PROBE_RTT {
        return Some(Outside::Mode);
    }

    // The window is one of these, and perhaps as much more as was acknowledged.
    let acked = side.get(Index::acked_sacked);
    let left_out = side
        .get(Index::sacked_out)
        .wrapping_add(side.get(Index::lost_out));
    let conserved = side
        .get(Index::packets_out)
        .wrapping_sub(left_out)
        .wrapping_add(side.get(Index::retrans_out))
        .wrapping_add(acked);
    let cwnd = side.get(Index::snd_cwnd).max(prior_cwnd).max(conserved);
    let most = u64::from(cwnd) + u64::from(acked);
    let is_least = acked != 0 && conserved == 0 || side.get(Index::snd_cwnd_clamp) == 0;
    if most > MAX_WINDOW || is_least {
        return Some(Outside::SetWindow);
    }

    // At the end of Startup the threshold is what the path holds, and a few packets more.
    let min_rtt = side.state(word::BBR_MIN_RTT);
    if mode == STARTUP && min_rtt != u32::MAX {
        let delivered = u64::from(side.get(Index::rs_delivered)) << 24;
        let interval = side.field(Index::interval_us as usize);
        let sample = delivered.checked_div(interval).unwrap_or(0) as u32;
        let bw = word::BBR_BW.map(|word| side.state(word));
        let bw = bw.into_iter().fold(sample, u32::max);
        let bdp = u64::from(bw) * u64::from(min_rtt) >> 24;
        if bdp + 1_000 > MAX_WINDOW {
            return Some(Outside::SetThreshold);
        }
    }
    None
}
