// SPDX-License-Identifier: GPL-2.0-only

//! What is known of an algorithm, from `description.toml` beside it: where its reference is
//! undefined, what it draws at random, what happens on its connections, and what is counted of it.

use crate::{
    connection::{
        event,
        Random,
        SECOND, //
    },
    event::{
        Event,
        Kind, //
    },
    paths::{
        call,
        path,
        Path, //
    },
    side::{
        Index,
        Side, //
    },
};

include!(env!("FERROPS_DESCRIPTIONS"));

/// What is known of an algorithm.
pub(crate) struct Description {
    /// The tables that are undefined where the preconditions say.
    references: &'static [&'static str],
    /// All tables of the algorithm: in C, in Rust, and in BPF.
    tables: &'static [&'static str],
    /// Where the references are undefined.
    preconditions: &'static [Precondition],
    /// What the state holds of the last random number. A callback that draws one is repeated until
    /// this is the same on both sides.
    pub(crate) drawn: Option<fn(&Side<'_>) -> u64>,
    /// Words of a state of random bytes that are drawn in a way of their own.
    pub(crate) any_state: &'static [(fn(&mut Random) -> u32, usize)],
    /// How many packets are in flight, where it matters, and where a custom control compares.
    pub(crate) in_flight: Option<fn(&Side<'_>, &mut Random) -> u32>,
    /// Whether the MSS has extreme values now and then.
    pub(crate) mss: bool,
    /// Whether the smoothed RTT follows the RTTs.
    pub(crate) srtt: bool,
    /// Whether packets bring timestamps.
    pub(crate) timestamps: bool,
    /// What is counted beside the paths of all.
    pub(crate) paths: &'static [Path],
}

/// Where a reference is undefined.
///
/// Its own code never makes these states, but a BPF program may hand them to a callback. In them
/// the reference is not called.
pub(crate) struct Precondition {
    /// Its number: below [`PRECONDITIONS`].
    pub(crate) number: usize,
    /// The callbacks that have it.
    on: &'static [Kind],
    /// What is the matter.
    reason: &'static str,
    /// Whether a case is outside.
    is_outside: fn(&Case<'_, '_>) -> bool,
}

/// A callback that is about to be called.
pub(crate) struct Case<'c, 't> {
    pub(crate) side: &'c Side<'t>,
    pub(crate) event: &'c Event,
}

impl Case<'_, '_> {
    /// A field of the socket.
    fn get(&self, field: Index) -> u32 {
        self.side.get(field)
    }

    /// A 32-bit word of the state.
    fn state(&self, word: usize) -> u32 {
        self.side.state(word)
    }

    /// An argument of the callback.
    fn argument(&self, number: usize) -> u32 {
        self.event.word(number)
    }

    /// Whether the window limits sending (`tcp_is_cwnd_limited()`).
    fn is_cwnd_limited(&self) -> bool {
        let packets_out = self.get(Index::max_packets_out);
        let may_double = self.get(Index::snd_cwnd) < packets_out.wrapping_mul(2);
        self.get(Index::is_cwnd_limited) != 0 || self.in_slow_start() && may_double
    }

    /// Whether the window is below the threshold (`tcp_in_slow_start()`).
    fn in_slow_start(&self) -> bool {
        self.get(Index::snd_cwnd) < self.get(Index::snd_ssthresh)
    }

    /// Of `cong_avoid`, the window and the packets that slow start leaves to congestion avoidance,
    /// if it does.
    fn congestion_avoidance(&self) -> Option<(u32, u32)> {
        let (cwnd, acked) = (self.get(Index::snd_cwnd), self.argument(1));
        if !self.is_cwnd_limited() {
            return None;
        }
        if !self.in_slow_start() {
            return Some((cwnd, acked));
        }
        let grown = (cwnd + acked).min(self.get(Index::snd_ssthresh));
        let left = acked - (grown - cwnd);
        (left > 0).then_some((grown.min(self.get(Index::snd_cwnd_clamp)), left))
    }

    /// Whether the sequence number `a` comes after `b`.
    fn after(&self, a: u32, b: u32) -> bool {
        (b.wrapping_sub(a) as i32) < 0
    }
}

impl Description {
    /// That of the algorithm that a table is of, if there is one.
    pub(crate) fn of(table: &str) -> Option<&'static Self> {
        DESCRIPTIONS
            .iter()
            .find(|description| description.tables.contains(&table))
    }

    /// Whether a table has the preconditions.
    pub(crate) fn is_reference(&self, table: &str) -> bool {
        self.references.contains(&table)
    }

    /// The precondition that a case is outside of.
    pub(crate) fn outside(&self, case: &Case<'_, '_>) -> Option<&'static Precondition> {
        self.preconditions.iter().find(|precondition| {
            precondition.on.contains(&case.event.kind) && (precondition.is_outside)(case)
        })
    }
}

/// What is the matter outside of the precondition of this number.
pub(crate) fn reason(number: usize) -> &'static str {
    DESCRIPTIONS
        .iter()
        .flat_map(|description| description.preconditions)
        .find(|precondition| precondition.number == number)
        .map_or("", |precondition| precondition.reason)
}
