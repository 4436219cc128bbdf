// SPDX-License-Identifier: GPL-2.0-only

//! Random numbers that callbacks draw: they differ, and what follows from them in the same callback
//! does too. So the second side repeats the callback until it has drawn what the first one has.

use crate::{
    c,
    event::Event,
    side::{
        Given,
        Index,
        Side, //
    },
};

/// How often a callback may draw until it has the number of the other side. Of 512 numbers, one
/// that does not come in so many draws is one in 10^17 cases.
const MOST_DRAWS: usize = 20_000;

/// Has the second side repeat the callback, from how it was `before`, until its state holds what
/// that of the first does of the number. Returns what it gave then, if it did.
pub(crate) fn again(
    drawn: fn(&Side<'_>) -> u64,
    event: &Event,
    now: u32,
    before: &Side<'_>,
    [a, b]: &mut [Side<'_>; 2],
) -> Option<Given> {
    let mut given = None;
    for _ in 0..MOST_DRAWS {
        if drawn(a) == drawn(b) {
            break;
        }
        b.copy_from(before);
        b.use_own_table();
        given = Some(c::at(now, || b.apply(event)));
    }
    given
}

/// Gives the second side the new hash that the first one has drawn: PLB draws one, of 32 bits, when
/// it reroutes a connection.
pub(crate) fn hash(before: &Side<'_>, [a, b]: &mut [Side<'_>; 2]) {
    let was = before.get(Index::sk_txhash);
    let is_new = |side: &Side<'_>| ![0, was].contains(&side.get(Index::sk_txhash));
    if was != 0 && is_new(a) && is_new(b) {
        b.set(Index::sk_txhash, a.get(Index::sk_txhash).into());
    }
}
