// SPDX-License-Identifier: GPL-2.0-only

//! Two tables to which the same happens.

use crate::{
    c,
    description::Description,
    drawn,
    event::{
        Event,
        Events,
        Kind, //
    },
    outside::{
        self,
        Outside, //
    },
    side::{
        Given,
        Index,
        Side,
        Table,
        FIELDS,
        STATE_WORDS, //
    },
};
use kernel::prelude::*;

/// Two tables, their sockets, and what happened to them.
pub(crate) struct Pair<'t> {
    names: [&'t str; 2],
    sides: [Side<'t>; 2],
    /// As the first side was before the last callback, or while it is called alone.
    before: Side<'t>,
    /// The jiffies clock.
    now: u32,
    /// Whether one of them is in BPF, which has neither `get_info` nor counters.
    pub(crate) is_bpf: bool,
    /// What is known of the algorithm.
    pub(crate) description: Option<&'static Description>,
    /// Whether connections have only states that the tables have made themselves, from `init` on,
    /// so that nothing has to be undefined.
    pub(crate) only_init: bool,
    /// Callbacks compared.
    pub(crate) steps: u64,
    /// Callbacks that were not compared, by [`Outside::number`].
    pub(crate) outside: [u64; Outside::COUNT],
}

impl<'t> Pair<'t> {
    /// The tables with these names.
    pub(crate) fn new(
        names: [&'t str; 2],
        tables: [&'t Table; 2],
        is_bpf: bool,
        only_init: bool,
    ) -> Result<Self> {
        Ok(Self {
            names,
            sides: [Side::new(tables[0])?, Side::new(tables[1])?],
            before: Side::new(tables[0])?,
            now: 0,
            is_bpf,
            description: Description::of(names[1]).or_else(|| Description::of(names[0])),
            only_init,
            steps: 0,
            outside: [0; Outside::COUNT],
        })
    }

    /// The first side. As long as there was no difference, the second is equal to it.
    pub(crate) fn side(&self) -> &Side<'t> {
        &self.sides[0]
    }

    /// The jiffies clock.
    pub(crate) fn now(&self) -> u32 {
        self.now
    }

    /// Two new sockets.
    pub(crate) fn clear(&mut self) {
        self.sides.iter_mut().for_each(Side::clear);
        self.now = 0;
    }

    /// Has `event` happen to both. What each gave, if they differ now.
    pub(crate) fn step(&mut self, event: &Event) -> Option<[Given; 2]> {
        if event.kind == Kind::Clock {
            self.now = event.word(0);
        }
        if !event.is_callback() {
            self.sides.iter_mut().for_each(|side| _ = side.apply(event));
            return None;
        }
        // What neither table has is none; but the kernel enters a state in any case.
        let is_there = |side: &Side<'_>| side.address(event.kind) != 0;
        if event.kind != Kind::set_state && !self.sides.iter().any(is_there) {
            return None;
        }
        self.before.copy_from(&self.sides[0]);
        if let Some(outside) = self.outside(event) {
            self.outside[outside.number()] += 1;
            // What a table without preconditions does there: it comes back.
            let is_reference = self
                .description
                .is_some_and(|description| description.is_reference(self.names[0]));
            if matches!(outside, Outside::Of(_)) && !is_reference {
                c::set_event(self.steps, event);
                c::at(self.now, || self.before.apply(event));
            }
            return None;
        }

        c::set_event(self.steps + 1, event);
        let [a, b] = &mut self.sides;
        let mut given = c::at(self.now, || [a.apply(event), b.apply(event)]);
        self.steps += 1;
        if let Some(drawn) = self.description.and_then(|description| description.drawn) {
            let again = drawn::again(drawn, event, self.now, &self.before, &mut self.sides);
            given[1] = again.unwrap_or(given[1]);
        }
        drawn::hash(&self.before, &mut self.sides);
        if self.is_bpf {
            // Nor does it set the upper bound of the window.
            let clamp = [0, 1].map(|i| self.sides[i].get(Index::snd_cwnd_clamp));
            let least = u64::from(clamp[0].min(clamp[1]));
            self.sides
                .iter_mut()
                .for_each(|side| side.set(Index::snd_cwnd_clamp, least));
            given.iter_mut().for_each(|given| given.counters = [0; 5]);
            if event.kind == Kind::get_info {
                given = [Given::default(); 2];
            }
        }
        let [a, b] = &self.sides;
        (given[0] != given[1] || !a.equals(b)).then_some(given)
    }

    /// Why the event is not compared, if it is not.
    fn outside(&self, event: &Event) -> Option<Outside> {
        let description = self.description.filter(|_| !self.only_init);
        let side = &self.sides[0];
        outside::outside(self.names, description, self.is_bpf, side, event)
    }

    /// A number for the kind of difference that there is after `last`: the same for the same
    /// callback and the same places.
    pub(crate) fn kind(&self, last: &Event) -> u64 {
        let [a, b] = &self.sides;
        a.differences(b).fold(last.kind as u64, |kind, i| {
            kind.wrapping_mul(1021).wrapping_add(i as u64)
        })
    }

    /// Has `events` happen to new sockets. What each gave last, and in which event, if they differ
    /// then.
    pub(crate) fn replay<'e>(&mut self, events: &'e [Event]) -> Option<(&'e Event, [Given; 2])> {
        self.clear();
        events
            .iter()
            .find_map(|event| self.step(event).map(|given| (event, given)))
    }

    /// Prints a case that makes a difference, and what it is.
    pub(crate) fn show(&mut self, events: &[Event]) {
        let Some((_, given)) = self.replay(events) else {
            return;
        };
        pr_info!("case: table {}\n", self.names[0]);
        pr_info!("case: reference {}\n", self.names[1]);
        events.iter().for_each(|event| pr_info!("case: {event}\n"));
        pr_info!("case: end\n");

        let [a, b] = self.names;
        pr_info!("state: | before | {a} | {b}\n");
        let row = |name: &str, before: u64, a: u64, b: u64| {
            if a != b {
                pr_info!("state: {name} | {before} | {a} | {b}\n");
            }
        };
        row("(returned)", 0, given[0].result, given[1].result);
        for i in 0..3 {
            row("(get_info)", 0, given[0].info.1[i], given[1].info.1[i]);
        }
        for i in 0..5 {
            row("(counter)", 0, given[0].counters[i], given[1].counters[i]);
        }
        let [a, b] = given.map(|given| given.acks);
        row("(ACKs)", 0, a.count.into(), b.count.into());
        row("(seq)", 0, a.seq.into(), b.seq.into());
        row("(ack_seq)", 0, a.ack_seq.into(), b.ack_seq.into());
        row(
            "(flags)",
            0,
            a.flags_and_window.into(),
            b.flags_and_window.into(),
        );
        let [a, b] = &self.sides;
        let fell_back = |side: &Side<'_>| u64::from(side.has_fallen_back());
        row(
            "(fell back)",
            fell_back(&self.before),
            fell_back(a),
            fell_back(b),
        );
        for (i, field) in FIELDS.iter().enumerate() {
            row(field.name, self.before.field(i), a.field(i), b.field(i));
        }
        for i in 0..STATE_WORDS {
            let (was, a, b) = (self.before.state(i), a.state(i), b.state(i));
            if a != b {
                pr_info!("state: state {i} | {was} | {a} | {b}\n");
            }
        }
        pr_info!(
            "state: words of tcp_sock that differ | | | {}\n",
            a.differences(b).count()
        );
    }
}

/// Makes `events`, which make a difference, as few and as simple as the same kind of difference can
/// be with.
pub(crate) fn minimise(pair: &mut Pair<'_>, events: &mut Events) -> Result {
    let mut kind_of = |events: &[Event]| {
        let last = pair.replay(events)?.0;
        Some(pair.kind(last))
    };
    let kind = kind_of(events);
    let mut chunk = events.len();
    while chunk > 0 {
        let mut start = 0;
        while start < events.len() {
            let end = events.len().min(start + chunk);
            let mut fewer = Events::with_capacity(events.len(), GFP_KERNEL)?;
            fewer.extend_from_slice(&events[..start], GFP_KERNEL)?;
            fewer.extend_from_slice(&events[end..], GFP_KERNEL)?;
            if kind_of(&fewer) == kind {
                *events = fewer;
            } else {
                start = end;
            }
        }
        chunk /= 2;
    }

    for i in 0..events.len() {
        // What a field or a word of the state is called stays.
        let named = matches!(events[i].kind, Kind::Set | Kind::State);
        for j in usize::from(named)..3 {
            let was = events[i].arguments[j];
            for simpler in [0, 1, 2, 10, 100, 1_000, 10_000, 1_000_000] {
                if simpler >= was {
                    break;
                }
                let kept = events[i].arguments[j];
                events[i].arguments[j] = simpler;
                if kind_of(events) == kind {
                    break;
                }
                events[i].arguments[j] = kept;
            }
        }
    }
    Ok(())
}
