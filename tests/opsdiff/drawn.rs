// SPDX-License-Identifier: GPL-2.0-only

//! Random numbers that callbacks draw: they differ. PLB's are compared with the range that they are
//! to be in; then the second side gets the first one's. Where more depends on what is drawn, the
//! second side draws until it has the same.

use crate::{
    c,
    event::{
        Event,
        Kind, //
    },
    outside::word,
    side::{
        Given,
        Index,
        Side, //
    },
};
use ferrops_bindings::tcp_ca_event;

/// The word of DCTCP's state that says until when PLB is off.
const PAUSE_UNTIL: usize = 8;

/// What PLB draws, for DCTCP: after a timeout, for how long it stays off, `pause` ticks and at most
/// as many more; and when it reroutes, the socket's new hash.
pub(crate) fn by_plb(
    event: &Event,
    now: u32,
    pause: u32,
    before: &Side<'_>,
    [a, b]: &mut [Side<'_>; 2],
) {
    let is_timeout =
        event.kind == Kind::cwnd_event && event.word(0) == tcp_ca_event::CA_EVENT_LOSS.0;
    let is_drawn = |side: &Side<'_>| {
        let until = side.state(PAUSE_UNTIL).wrapping_sub(now);
        (pause..2 * pause).contains(&until)
    };
    if is_timeout && is_drawn(a) && is_drawn(b) {
        b.set_state(PAUSE_UNTIL, a.state(PAUSE_UNTIL));
    }

    let was = before.get(Index::sk_txhash);
    let is_new = |side: &Side<'_>| ![0, was].contains(&side.get(Index::sk_txhash));
    if was != 0 && is_new(a) && is_new(b) {
        b.set(Index::sk_txhash, a.get(Index::sk_txhash).into());
    }
}

/// How often BBR may draw until it has the phase of the other side. Of its seven phases one that
/// does not come in so many draws is one in 10^20 cases.
const MOST_DRAWS: usize = 300;

/// What BBR draws: the phase in which it begins to probe for bandwidth. Its gain, the pacing rate
/// and the window follow from that in the same callback; so the second side repeats the callback,
/// from how it was `before`, until it draws the phase that the first one did. Returns what it gave
/// then, if it did.
pub(crate) fn by_bbr(
    event: &Event,
    now: u32,
    before: &Side<'_>,
    [a, b]: &mut [Side<'_>; 2],
) -> Option<Given> {
    let phase = |side: &Side<'_>| side.state(word::BBR_GAINS) >> 23 & 7;
    let mut given = None;
    for _ in 0..MOST_DRAWS {
        if phase(a) == phase(b) {
            break;
        }
        b.copy_from(before);
        b.use_own_table();
        given = Some(c::at(now, || b.apply(event)));
    }
    given
}
