// SPDX-License-Identifier: GPL-2.0-only

//! A windowed filter: the largest, or the smallest, value of the last while.
//!
//! Kathleen Nichols' algorithm. It takes constant space and time, and almost always gives the
//! value that a filter with all values of the window would give. Three samples are kept: the best
//! of the window, the best after that one, and the best after the second. So there is a successor
//! when the best one gets too old. The invariants are:
//!
//! - `s[0]` is at least as good as `s[1]`, and that as `s[2]`.
//! - `s[0]` is at least as old as `s[1]`, and that as `s[2]`.
//! - While `s[0]` stays, `s[1]` comes from more than a quarter of the window later, and `s[2]` from
//!   more than a half; before that they are copies. Without the spacing all three could get too
//!   old at once. It bounds the error where values only get worse.
//!
//! A sample that is as good as a kept one takes its place and the places behind it: it is as good
//! as whatever stood there, and stays in the window for longer.
//!
//! The reference is [`lib/win_minmax.c`](srctree/lib/win_minmax.c): Kathleen Nichols' code in the
//! form that Van Jacobson gave it, which came with BBR. The layout is that of `struct minmax`.
//!
//! # Examples
//!
//! The largest bandwidth of the last 10 round trips:
//!
//! ```
//! use tcp_cc::parts::minmax::MinMax;
//!
//! let mut bw = MinMax::new(0, 500);
//! assert_eq!(bw.running_max(10, 1, 700), 700);
//! assert_eq!(bw.running_max(10, 9, 600), 700);
//! assert_eq!(bw.running_max(10, 12, 650), 650);
//! ```

use crate::{
    state,
    SmallArray, //
};

state! {
    /// A value and its time.
    pub struct Sample {
        /// The time, in a unit of the caller's. It may wrap.
        pub t: u32,
        /// The value.
        pub v: u32,
    }
}

state! {
    /// A windowed filter. Any bytes are valid.
    pub struct MinMax {
        s: SmallArray<Sample, 3>,
    }
}

impl MinMax {
    /// Creates a filter with one value, `meas`, of the time `t`.
    #[inline]
    pub const fn new(t: u32, meas: u32) -> Self {
        let sample = Sample { t, v: meas };
        Self {
            s: SmallArray::new([sample, sample, sample]),
        }
    }

    /// Returns the best value.
    #[inline]
    pub fn get(&self) -> u32 {
        self.s.get(0).v
    }

    /// Forgets everything, and adds one value, which it returns.
    #[inline]
    pub fn reset(&mut self, t: u32, meas: u32) -> u32 {
        *self = Self::new(t, meas);
        meas
    }

    /// Adds `meas` of the time `t`, and returns the largest value since `t - win`.
    #[inline]
    pub fn running_max(&mut self, win: u32, t: u32, meas: u32) -> u32 {
        self.running(win, Sample { t, v: meas }, |new, old| new >= old)
    }

    /// Adds `meas` of the time `t`, and returns the smallest value since `t - win`.
    #[inline]
    pub fn running_min(&mut self, win: u32, t: u32, meas: u32) -> u32 {
        self.running(win, Sample { t, v: meas }, |new, old| new <= old)
    }

    /// Adds a sample, which takes the place of another if `is_better(new, other)`.
    #[inline(always)]
    fn running(&mut self, win: u32, new: Sample, is_better: impl Fn(u32, u32) -> bool) -> u32 {
        // A new best, or nothing left in the window: the third is the youngest.
        if is_better(new.v, self.s.get(0).v) || new.t.wrapping_sub(self.s.get(2).t) > win {
            return self.reset(new.t, new.v);
        }
        // Only changes are written: mostly there is none.
        if is_better(new.v, self.s.get(1).v) {
            self.s.set(1, new);
            self.s.set(2, new);
        } else if is_better(new.v, self.s.get(2).v) {
            self.s.set(2, new);
        }
        self.age(win, new);
        self.get()
    }

    /// Drops samples that are too old, and keeps the others apart.
    #[inline(always)]
    fn age(&mut self, win: u32, new: Sample) {
        let [first, second, third] = [self.s.get(0), self.s.get(1), self.s.get(2)];
        let age = new.t.wrapping_sub(first.t);
        if age > win {
            // The second may be too old, too. The third is not: `running` has looked.
            self.s = if new.t.wrapping_sub(second.t) > win {
                SmallArray::new([third, new, new])
            } else {
                SmallArray::new([second, third, new])
            };
        } else if second.t == first.t && age > win / 4 {
            // A quarter of the window without a second sample of its own.
            self.s.set(1, new);
            self.s.set(2, new);
        } else if third.t == second.t && age > win / 2 {
            // Half of the window without a third one.
            self.s.set(2, new);
        }
    }
}
