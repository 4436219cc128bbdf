// SPDX-License-Identifier: GPL-2.0-only

//! Random numbers that callbacks draw. They differ, so it is compared that both sides drew one in
//! the right range; then the second side gets the first one's.

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
use tcp_bindings::tcp_ca_event;

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
        event.kind == Kind::CwndEvent && event.word(0) == tcp_ca_event::CA_EVENT_LOSS.0;
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
