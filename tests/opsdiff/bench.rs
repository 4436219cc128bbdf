// SPDX-License-Identifier: GPL-2.0-only

//! Counts what the callbacks of a table cost, on each of [`PATHS`].
//!
//! A clock is read before and after a call, with interrupts off. The same is done with a table
//! whose callbacks do nothing, so what is left is what the callback executes; what one that does
//! nothing executes is counted in single steps. In virtual time the clock counts instructions, and
//! the figures are exact.

use crate::{
    c,
    description::Description,
    event::{
        Event,
        Kind, //
    },
    paths::{
        Path,
        Scene,
        PATHS,
        VARIANTS, //
    },
    side::{
        Side,
        Table, //
    },
};
use kernel::prelude::*;

/// The most instructions of a call that can be shown.
const MOST_STEPS: usize = 1 << 16;

/// The connection on which they are shown: a window of 512 packets before the loss, 80 ms.
const TYPICAL: u32 = 37;

/// How many sockets a table is used on in turn.
const SOCKETS: [u32; 3] = [1, 100, 10_000];

/// The path that is counted on many sockets.
const ON_MANY_SOCKETS: &str = "congestion_avoidance,_a_later_tick";

/// A connection on which something is about to happen.
struct Moment<'t> {
    side: Side<'t>,
    now: u32,
    event: Event,
}

/// Counts what was asked for, and prints what came of it.
pub(crate) fn count(given: &'static c::Parameters) -> Result {
    let Some(name) = c::text(given.table) else {
        // What the processor has done, at two moments, is what the kernel did between them.
        pr_info!("busy: {}\n", c::busy_ns());
        return Ok(());
    };
    let text = name.to_str().map_err(|_| EINVAL)?;
    crate::check_clock()?;
    let table = crate::table(name, text)?;
    let nothing = Table::nothing();
    if let Some(path) = c::text(given.path) {
        return show(&table, text, path.to_str().map_err(|_| EINVAL)?);
    }
    let steps = c::Steps::new().ok();
    for path in paths_of(text) {
        let watch = c::Watch::new()?;
        let moments = moments(&table, path)?;
        let Some(kind) = moments.first().map(|moment| moment.event.kind) else {
            continue;
        };
        if moments[0].side.address(kind) == 0 {
            continue;
        }
        let empty = Empty::new(&nothing, &moments[0], steps.as_ref())?;
        let mut work = Side::new(&table)?;
        let mut costs = KVVec::with_capacity(given.calls as usize, GFP_KERNEL)?;
        for i in 0..given.calls {
            let moment = &moments[(i % VARIANTS) as usize];
            work.copy_from(&moment.side);
            c::set_event(i.into(), &moment.event);
            let ticks = c::at(moment.now, || ticks(&mut work, &moment.event));
            costs.push(empty.beyond(ticks), GFP_KERNEL)?;
        }
        drop(watch);
        report(moments[0].event.name(), path.name, &mut costs);
        if path.name == ON_MANY_SOCKETS && kind == Kind::cong_avoid {
            for sockets in SOCKETS.into_iter().filter(|&count| count <= given.sockets) {
                many(&table, path, sockets, given.calls, &empty)?;
            }
        }
    }
    Ok(())
}

/// What is counted of the table `name`: what is of all tables, and what its algorithm has beside.
fn paths_of(name: &str) -> impl Iterator<Item = &'static Path> {
    let own = Description::of(name).map_or(&[][..], |description| description.paths);
    [PATHS, own].into_iter().flatten()
}

/// Each connection of a path, right before what happens.
fn moments<'t>(table: &'t Table, path: &Path) -> Result<KVec<Moment<'t>>> {
    let mut moments = KVec::with_capacity(VARIANTS as usize, GFP_KERNEL)?;
    for variant in 0..VARIANTS {
        let mut scene = Scene::new(table, variant)?;
        let event = scene.prepare(path);
        let moment = Moment {
            now: scene.now,
            side: scene.side,
            event,
        };
        moments.push(moment, GFP_KERNEL)?;
    }
    Ok(moments)
}

/// How many ticks pass while a callback is called. For use in [`c::at`].
#[inline(never)]
fn ticks(side: &mut Side<'_>, event: &Event) -> u64 {
    let before = c::ticks();
    side.invoke(event);
    c::ticks().wrapping_sub(before)
}

/// What it costs to call a callback that does nothing.
struct Empty {
    ticks: u64,
    /// The instructions of the callback itself; 0 where they cannot be counted.
    own: u64,
}

impl Empty {
    /// Of the callback that is called in `moment`.
    fn new(nothing: &Table, moment: &Moment<'_>, steps: Option<&c::Steps>) -> Result<Self> {
        let mut side = Side::new(nothing)?;
        let mut least = u64::MAX;
        for _ in 0..VARIANTS {
            side.copy_from(&moment.side);
            side.use_own_table();
            least = least.min(c::at(moment.now, || ticks(&mut side, &moment.event)));
        }
        let entry = side.address(moment.event.kind);
        let own = steps.map_or(0, |steps| {
            let call = || _ = side.invoke(&moment.event);
            c::at(moment.now, || steps.of(entry, &mut [], call))
        });
        Ok(Self {
            ticks: least,
            own: own as u64,
        })
    }

    /// What a callback costs, when a call of it takes so many ticks.
    fn beyond(&self, ticks: u64) -> u32 {
        (ticks + self.own).saturating_sub(self.ticks) as u32
    }
}

/// Counts the same on many sockets in turn.
fn many(table: &Table, path: &Path, sockets: u32, calls: u32, empty: &Empty) -> Result {
    let watch = c::Watch::new()?;
    let moments = moments(table, path)?;
    let mut sides = KVVec::with_capacity(sockets as usize, GFP_KERNEL)?;
    for _ in 0..sockets {
        sides.push(Side::new(table)?, GFP_KERNEL)?;
    }
    let mut costs = KVVec::with_capacity(calls as usize, GFP_KERNEL)?;
    let mut left = calls.max(sockets);
    while left > 0 {
        for (i, side) in sides.iter_mut().enumerate().take(left as usize) {
            side.copy_from(&moments[i % VARIANTS as usize].side);
        }
        // All of them are called before one is called again.
        for (i, side) in sides.iter_mut().enumerate().take(left as usize) {
            let moment = &moments[i % VARIANTS as usize];
            let ticks = c::at(moment.now, || ticks(side, &moment.event));
            costs.push(empty.beyond(ticks), GFP_KERNEL)?;
        }
        left -= left.min(sockets);
    }
    drop(watch);
    c::sort(&mut costs);
    let total: u64 = costs.iter().map(|&cost| u64::from(cost)).sum();
    let Some(median) = costs.get(costs.len() / 2) else {
        return Ok(());
    };
    pr_info!("sockets: {sockets} {} {total} {median}\n", costs.len());
    Ok(())
}

/// Prints what the calls cost: how many, all, the least, the median, the most.
fn report(hook: &str, path: &str, costs: &mut [u32]) {
    c::sort(costs);
    let total: u64 = costs.iter().map(|&cost| u64::from(cost)).sum();
    let [least, .., most] = &*costs else {
        return;
    };
    let median = costs[costs.len() / 2];
    pr_info!(
        "cost: {hook} {path} {} {total} {least} {median} {most}\n",
        costs.len()
    );
}

/// Prints each instruction that a callback executes on the path called `HOOK:PATH`.
fn show(table: &Table, name: &str, wanted: &str) -> Result {
    let steps = c::Steps::new().inspect_err(|_| {
        pr_err!("error: instructions can be shown on x86-64 only\n");
    })?;
    let _watch = c::Watch::new()?;
    let mut known = false;
    for path in paths_of(name) {
        let mut scene = Scene::new(table, TYPICAL)?;
        let event = scene.prepare(path);
        let is_wanted = wanted
            .split_once(':')
            .is_some_and(|(hook, name)| hook == event.name() && name == path.name);
        if !is_wanted {
            continue;
        }
        known = true;
        let entry = scene.side.address(event.kind);
        if entry == 0 {
            pr_err!("error: the table has no {}\n", event.name());
            return Err(EINVAL);
        }
        let mut executed = KVVec::from_elem(c::Step::default(), MOST_STEPS, GFP_KERNEL)?;
        let side = &mut scene.side;
        let call = || _ = side.invoke(&event);
        let count = c::at(scene.now, || steps.of(entry, &mut executed, call));
        for step in executed.iter().take(count) {
            step.show();
        }
    }
    if !known {
        pr_err!("error: there is no path '{wanted}'; Documentation/cost.rst has them\n");
        return Err(EINVAL);
    }
    Ok(())
}
