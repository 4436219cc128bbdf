// SPDX-License-Identifier: GPL-2.0-only

//! The parts that algorithms share, against exact and naive models.

use tcp_cc::{
    context::Locked,
    parts::{
        cubic_root::cubic_root,
        ewma::ewma,
        hystart::{
            Config,
            HyStart,
            Rtt, //
        },
        minmax::MinMax, //
    },
    prelude::*, //
};
use tcp_cc_host::{
    check,
    Connection, //
};

/// As stated in `cubic_root`'s documentation.
#[test]
fn the_cubic_root_is_close() {
    check(
        |any| any.u64(),
        |a| {
            let (root, exact) = (f64::from(cubic_root(a)), (a as f64).cbrt());
            assert!(
                (root - exact).abs() <= 1.0 + exact / 625.0,
                "{root}, not {exact}"
            );
        },
    );
}

/// CUBIC takes the root of distances up to 2^32 packets times its factor.
#[test]
fn the_cubic_root_of_a_cube_is_close() {
    for root in 0..2_642_245_u64 {
        let found = u64::from(cubic_root(root * root * root));
        assert!(
            found.abs_diff(root) <= 1 + root / 625,
            "{found}, not {root}"
        );
    }
}

/// As long as the values of a window get no worse in its last quarter, the filter is exact; what it
/// says is always a value of the window, and the newest is never better.
#[test]
fn a_windowed_filter_gives_a_value_of_its_window() {
    check(
        |any| {
            let win = any.within(1..=1000);
            (
                win,
                any.u32(),
                any.list(200, |any| (any.within(0..=300), any.within(0..=50))),
            )
        },
        |(win, start, steps)| {
            let mut seen = vec![(start, 20)];
            let (mut max, mut min) = (MinMax::new(start, 20), MinMax::new(start, 20));
            let mut now = start;
            for &(later, value) in &steps {
                now = now.wrapping_add(later);
                seen.push((now, value));
                let window = |&&(t, _): &&(u32, u32)| now.wrapping_sub(t) <= win;
                let values: Vec<u32> = seen.iter().filter(window).map(|&(_, v)| v).collect();
                let (largest, smallest) = (
                    max.running_max(win, now, value),
                    min.running_min(win, now, value),
                );
                assert!(
                    values.contains(&largest) && largest >= value,
                    "{largest} of {values:?}"
                );
                assert!(
                    values.contains(&smallest) && smallest <= value,
                    "{smallest} of {values:?}"
                );
                assert_eq!((max.get(), min.get()), (largest, smallest));
            }
        },
    );
}

/// With a value in each tenth of the window, it misses no more than what is older than half of it.
#[test]
fn a_windowed_filter_is_close_to_a_naive_one() {
    check(
        |any| any.list(300, |any| any.within(0..=1_000_000)),
        |values| {
            let win = 100;
            let mut filter = MinMax::new(0, 0);
            for (i, &value) in values.iter().enumerate() {
                let now = 10 * i as u32;
                let found = filter.running_max(win, now, value);
                let from = |age: usize| values[i.saturating_sub(age)..=i].iter().max().copied();
                assert!(Some(found) <= from(10), "{found} is too old");
                assert!(
                    Some(found) >= from(2),
                    "{found} is less than what just came"
                );
            }
        },
    );
}

/// Where values rise the newest one is the largest; a clock that wraps does not matter.
#[test]
fn a_windowed_filter_is_exact_where_values_rise() {
    let mut filter = MinMax::new(0, 0);
    for t in 0..1000 {
        assert_eq!(filter.running_max(10, t, t), t);
    }
    let mut filter = MinMax::new(u32::MAX - 5, 7);
    assert_eq!(filter.running_max(10, 3, 5), 7);
    assert_eq!(filter.running_max(10, 4, 4), 7);
    assert_eq!(filter.running_max(10, 6, 3), 5);
    assert_eq!(filter.reset(6, 1), 1);
}

#[test]
fn an_average_is_that_of_real_numbers() {
    check(
        |any| {
            (
                any.within(0..=1 << 20),
                any.within(1..=8),
                any.list(100, |any| any.within(0..=1 << 20)),
            )
        },
        |(start, shift, samples)| {
            let (mut found, mut exact) = (start, f64::from(start));
            let weight = 0.5_f64.powi(shift as i32);
            for &sample in &samples {
                found = ewma(found, sample, shift);
                exact += weight * (f64::from(sample) - exact);
                // Each step rounds by less than 1, and forgets as much of it as of the rest.
                let bound = 1.0 / weight;
                assert!(
                    (f64::from(found) - exact).abs() <= bound,
                    "{found}, not {exact}"
                );
            }
        },
    );
}

#[test]
fn an_average_takes_any_numbers() {
    check(
        |any| (any.u32(), any.u32(), any.u32()),
        |(avg, sample, shift)| {
            let found = ewma(avg, sample, shift);
            assert!(avg.min(sample) <= found && found <= avg.max(sample));
        },
    );
}

/// Nothing but the state's own fields and the window decides, and any state will do.
#[test]
fn hystart_copes_with_any_state() {
    check(
        |any| {
            (
                any.bytes::<20>(),
                any.u32(),
                any.u32(),
                any.u32(),
                any.u32(),
            )
        },
        |(bytes, cwnd, delay, delay_min, detect)| {
            let mut connection = Connection::<Keeper>::new();
            connection.sk.snd_cwnd = cwnd;
            // SAFETY: Any bytes are a valid state.
            let mut state: HyStart = unsafe { core::mem::transmute(bytes) };
            let rtt = Rtt {
                latest: Usecs32::new(delay),
                min: Usecs32::new(delay_min),
            };
            let config = Config {
                detect,
                ..Config::DEFAULT
            };
            // SAFETY: The connection's socket is there while the view is.
            let sk = unsafe { Sock::<Locked>::from_raw(&mut connection.sk) };
            let found = state.update(sk, &config, rtt);
            assert!(cwnd >= 16 || !found.is_any());
            assert!(state.found != 0 || !found.is_any());
        },
    );
}

/// An algorithm for a connection to have.
struct Keeper;

impl CongestionControl for Keeper {
    type State = ();
    const OPS: Ops<Self> = Ops {
        name: "keeper",
        flags: Flags::NONE,
        control: Control::CongAvoid(|_, (), _, _| {}),
        ssthresh: |sk, ()| Ssthresh::clamped(sk.snd_cwnd() / 2),
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}
