// SPDX-License-Identifier: GPL-2.0-only

//! Properties: what holds for any input, tried on many.
//!
//! An input is made out of choices. When a property fails, the choices are made fewer and smaller
//! as long as it still fails, so no type needs to know how its values get simpler.

use std::{
    cell::RefCell,
    env,
    fmt::Debug,
    ops::RangeInclusive,
    panic,
    sync::Once, //
};

/// How many inputs a property is tried on, unless `FERROPS_CASES` says otherwise.
const CASES: u64 = if cfg!(miri) { 20 } else { 10_000 };

/// The seed of the first of them, unless `FERROPS_SEED` says otherwise; the others follow it.
const SEED: u64 = 1;

/// How many inputs are tried in search of a simpler one.
const SIMPLER: usize = 10_000;

/// A source of inputs: any input may come from it, small ones and those at the edges more often.
pub struct Any {
    /// The choices: numbers, of which lower ones make simpler inputs.
    choices: Vec<u64>,
    /// How many of them were used. When all are, others are made.
    used: usize,
    /// Makes choices; without it they are 0.
    random: Option<u64>,
}

impl Any {
    /// The next choice; `draw` makes one if there is none yet.
    fn choice(&mut self, draw: impl FnOnce(&mut u64) -> u64) -> &mut u64 {
        if self.used == self.choices.len() {
            self.choices.push(self.random.as_mut().map_or(0, draw));
        }
        self.used += 1;
        &mut self.choices[self.used - 1]
    }

    /// A number below `bound`, each as likely as the others; 0 if the bound is 0, too.
    pub fn below(&mut self, bound: u64) -> u64 {
        let choice = self.choice(next);
        *choice = choice.checked_rem(bound).unwrap_or(0);
        *choice
    }

    /// Any of these.
    pub fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u64) as usize]
    }

    /// Any truth value.
    pub fn bool(&mut self) -> bool {
        self.below(2) == 1
    }

    /// Any number.
    pub fn u64(&mut self) -> u64 {
        *self.choice(sized)
    }

    /// Any number.
    pub fn u32(&mut self) -> u32 {
        let choice = self.choice(|random| sized(random) >> (next(random) % 2 * 32));
        *choice &= u64::from(u32::MAX);
        *choice as u32
    }

    /// Any number.
    pub fn i64(&mut self) -> i64 {
        // 0, -1, 1, -2, ...: so small numbers are simple ones.
        let number = self.u64();
        (number >> 1) as i64 ^ -((number & 1) as i64)
    }

    /// Any number.
    pub fn i32(&mut self) -> i32 {
        let number = self.u32();
        (number >> 1) as i32 ^ -((number & 1) as i32)
    }

    /// Any number.
    pub fn u8(&mut self) -> u8 {
        self.below(256) as u8
    }

    /// Any number in this range.
    pub fn within(&mut self, range: RangeInclusive<u32>) -> u32 {
        let (first, most) = (*range.start(), u64::from(range.end() - range.start()));
        let choice = self.choice(|random| match next(random) % 8 {
            7 => most,
            _ => sized(random) % (most + 1),
        });
        *choice %= most + 1;
        first + *choice as u32
    }

    /// Any bytes: all the same, or numbers of four bytes each, or noise.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        match self.below(3) {
            0 => [self.of(&[0, 0xff, 0x80, 1]); N],
            1 => {
                let mut bytes = [0; N];
                for word in bytes.chunks_mut(4) {
                    word.copy_from_slice(&self.u32().to_ne_bytes()[..word.len()]);
                }
                bytes
            }
            _ => std::array::from_fn(|_| self.u8()),
        }
    }

    /// Up to so many of what `make` makes.
    pub fn list<T>(&mut self, most: u32, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        // One choice an element, so that any may be left out.
        let mut list = Vec::new();
        while list.len() < most as usize && self.below(16) != 0 {
            list.push(make(self));
        }
        list
    }
}

/// The next number of Steele, Lea and Flood's SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number of any length: each is as likely as the others, and its least and its greatest number
/// more than those between.
fn sized(random: &mut u64) -> u64 {
    let length = next(random) % 65;
    if length == 0 {
        return 0;
    }
    let least = 1 << (length - 1);
    match next(random) % 4 {
        3 => least | (least - 1),
        2 => least,
        _ => least | next(random) & (least - 1),
    }
}

/// Tests that `holds` does not panic, whatever input `make` makes.
///
/// The inputs are the same in every run. When one fails, the panic shows the simplest that does,
/// and how to repeat it. The environment may set `FERROPS_SEED`, to try others, and
/// `FERROPS_CASES`, to try more or fewer than 10,000.
///
/// # Examples
///
/// ```
/// tcp_cc_host::check(
///     |any| (any.u32(), any.u32()),
///     |(a, b)| assert_eq!(a.wrapping_add(b).wrapping_sub(b), a),
/// );
/// ```
///
/// ```should_panic
/// // fails for (1, 0): the simplest
/// tcp_cc_host::check(|any| (any.u32(), any.u32()), |(a, b)| assert!(a <= b));
/// ```
pub fn check<T: Debug>(make: impl Fn(&mut Any) -> T, holds: impl Fn(T)) {
    let seed = number("FERROPS_SEED").unwrap_or(SEED);
    for case in 0..number("FERROPS_CASES").unwrap_or(CASES) {
        let seed = seed.wrapping_add(case);
        let mut any = Any {
            choices: Vec::new(),
            used: 0,
            random: Some(seed),
        };
        if let Some(choices) = fails(&mut any, &make, &holds).map(|_| any.choices) {
            let choices = simplest(choices, &make, &holds);
            let mut any = replay(choices);
            let why = fails(&mut any, &make, &holds).unwrap_or_default();
            any.used = 0;
            panic!(
                "fails for {:#?}\n{why}\n\
                 To repeat: make host-tests FERROPS_SEED={seed} FERROPS_CASES=1",
                make(&mut any)
            );
        }
    }
}

/// What the environment sets `name` to.
fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name}={value} is not a number")),
    )
}

/// An input of these choices.
fn replay(choices: Vec<u64>) -> Any {
    Any {
        choices,
        used: 0,
        random: None,
    }
}

/// Why the property fails for the next input of `any`, if it does.
fn fails<T>(any: &mut Any, make: &impl Fn(&mut Any) -> T, holds: &impl Fn(T)) -> Option<String> {
    tcp_cc_backend::seed_random(1);
    let done = quietly(|| holds(make(any)));
    any.choices.truncate(any.used);
    done.err()
}

/// Makes choices fewer and smaller as long as the property fails.
fn simplest<T>(
    mut choices: Vec<u64>,
    make: &impl Fn(&mut Any) -> T,
    holds: &impl Fn(T),
) -> Vec<u64> {
    let mut left = SIMPLER;
    // Takes over `simpler` if the property fails for it.
    let mut try_out = |choices: &mut Vec<u64>, simpler: Vec<u64>| {
        left = left.saturating_sub(1);
        let mut any = replay(simpler);
        // Those that are left out are 0: then the input may be the same.
        let fails = left > 0
            && fails(&mut any, make, holds).is_some()
            && (any.choices.len(), &any.choices) < (choices.len(), choices);
        if fails {
            *choices = any.choices;
        }
        fails
    };
    loop {
        let before = choices.clone();
        for length in [64, 16, 4, 2, 1] {
            let mut start = 0;
            while start + length <= choices.len() {
                let mut simpler = choices.clone();
                simpler.drain(start..start + length);
                if !try_out(&mut choices, simpler) {
                    start += 1;
                }
            }
        }
        for i in 0.. {
            let Some(&(mut high)) = choices.get(i) else {
                break;
            };
            // The least that fails, if all above it do.
            let mut low = 0;
            while low < high && i < choices.len() {
                let mut simpler = choices.clone();
                let middle = if low == 0 && high == choices[i] {
                    0
                } else {
                    low + (high - low) / 2
                };
                simpler[i] = middle;
                if try_out(&mut choices, simpler) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
        }
        if choices == before {
            return choices;
        }
    }
}

thread_local! {
    /// What a panic says, while it is caught and not to be seen.
    static CAUGHT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `f`; what it says if it panics.
fn quietly(f: impl FnOnce()) -> Result<(), String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            CAUGHT.with_borrow_mut(|caught| match caught {
                Some(said) => *said = info.to_string(),
                None => usual(info),
            });
        }));
    });
    CAUGHT.set(Some(String::new()));
    let done = panic::catch_unwind(panic::AssertUnwindSafe(f));
    let said = CAUGHT.take().unwrap_or_default();
    done.map_err(|_| said)
}
