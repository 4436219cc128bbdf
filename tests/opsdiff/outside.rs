// SPDX-License-Identifier: GPL-2.0-only

//! Cases that are not compared: those that a kernel never has, and those that the reference is
//! undefined for, which its [`Description`] tells of.

use crate::{
    description::{
        self,
        Case,
        Description,
        Precondition,
        PRECONDITIONS, //
    },
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

/// Why a case is not compared.
#[derive(Clone, Copy)]
pub(crate) enum Outside {
    /// The window is 0 or may not be 1, or would grow beyond 2^30 packets, a terabyte in flight:
    /// the kernel never has such a window nor acknowledges so many. No table is called then.
    Window,
    /// A table in BPF falls back through a system call, for which a socket has to be the kernel's.
    /// No table is called then.
    FallBack,
    /// The reference is undefined.
    Of(&'static Precondition),
}

impl Outside {
    /// How many there are.
    pub(crate) const COUNT: usize = PRECONDITIONS + 2;

    /// A number for it, below [`COUNT`](Self::COUNT).
    pub(crate) fn number(self) -> usize {
        match self {
            Self::Of(precondition) => precondition.number,
            Self::Window => PRECONDITIONS,
            Self::FallBack => PRECONDITIONS + 1,
        }
    }
}

/// What is the matter in the case of this number.
pub(crate) fn reason(number: usize) -> &'static str {
    match number.wrapping_sub(PRECONDITIONS) {
        0 => "a window of 0, or of 2^30 packets",
        1 => "no ECN, in BPF",
        _ => description::reason(number),
    }
}

/// Why the event is not compared, of these tables, if it is not. The first side is as the second.
pub(crate) fn outside(
    names: [&str; 2],
    description: Option<&Description>,
    is_bpf: bool,
    side: &Side<'_>,
    event: &Event,
) -> Option<Outside> {
    if is_bpf && falls_back(side, event) {
        return Some(Outside::FallBack);
    }
    if event.kind == Kind::cong_avoid && is_no_window(side, event) {
        return Some(Outside::Window);
    }
    let description = description?;
    if !names.iter().any(|name| description.is_reference(name)) || side.has_fallen_back() {
        return None;
    }
    description.outside(&Case { side, event }).map(Outside::Of)
}

/// Whether the window is none that a kernel has, or would become one.
fn is_no_window(side: &Side<'_>, event: &Event) -> bool {
    let cwnd = side.get(Index::snd_cwnd);
    let acked = event.word(1);
    let most = u64::from(cwnd) + u64::from(acked) + u64::from(side.get(Index::snd_cwnd_cnt)) + 1;
    most > 1 << 30 || cwnd == 0 || side.get(Index::snd_cwnd_clamp) == 0
}

/// Whether the event makes a table that needs ECN fall back.
fn falls_back(side: &Side<'_>, event: &Event) -> bool {
    const ECN_MODE_ANY: u32 = (1 << 0) | (1 << 4);
    const TCP_CLOSE: u32 = 7;
    const TCP_LISTEN: u32 = 10;

    event.kind == Kind::init
        && side.table.ops().flags & bindings::FERROPS_CONG_NEEDS_ECN as u32 != 0
        && side.get(Index::ecn_flags) & ECN_MODE_ANY == 0
        && ![TCP_CLOSE, TCP_LISTEN].contains(&side.get(Index::sk_state))
}
