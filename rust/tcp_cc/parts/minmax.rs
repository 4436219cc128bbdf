// SPDX-License-Identifier: GPL-2.0-only

//! The largest, or the smallest, of the values of some time: a windowed filter.
//!
//! Kathleen Nichols' algorithm: the best value of the window is kept, the second best of what came
//! after it, and the third best after that, so that there is a successor when the best one gets too
//! old. A few words for each connection, and almost always the value that a filter with all the
//! values in it would give. The twin of [`lib/win_minmax.c`](srctree/lib/win_minmax.c), which names
//! no author but her; the layout is that of `struct minmax`.
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
    /// A value, and when it was taken.
    pub struct Sample {
        /// The time, in a unit of the user's. It may wrap.
        pub t: u32,
        /// The value.
        pub v: u32,
    }
}

state! {
    /// A windowed filter. Any bytes will do.
    pub struct MinMax {
        s: SmallArray<Sample, 3>,
    }
}

impl MinMax {
    /// A filter that has seen one value, `meas`, at the time `t`.
    #[inline]
    pub const fn new(t: u32, meas: u32) -> Self {
        let sample = Sample { t, v: meas };
        Self {
            s: SmallArray::new([sample, sample, sample]),
        }
    }

    /// The best value.
    #[inline]
    pub fn get(&self) -> u32 {
        self.s.get(0).v
    }

    /// Forgets all, and takes in one value.
    #[inline]
    pub fn reset(&mut self, t: u32, meas: u32) -> u32 {
        *self = Self::new(t, meas);
        meas
    }

    /// Takes in `meas` at the time `t`, and gives the largest value since `t - win`.
    #[inline]
    pub fn running_max(&mut self, win: u32, t: u32, meas: u32) -> u32 {
        self.running(win, Sample { t, v: meas }, |new, old| new >= old)
    }

    /// Takes in `meas` at the time `t`, and gives the smallest value since `t - win`.
    #[inline]
    pub fn running_min(&mut self, win: u32, t: u32, meas: u32) -> u32 {
        self.running(win, Sample { t, v: meas }, |new, old| new <= old)
    }

    /// Takes in a value; `is_better` says whether the first one takes the place of the second.
    #[inline(always)]
    fn running(&mut self, win: u32, new: Sample, is_better: impl Fn(u32, u32) -> bool) -> u32 {
        if is_better(new.v, self.s.get(0).v) || new.t.wrapping_sub(self.s.get(2).t) > win {
            return self.reset(new.t, new.v);
        }
        // Only what changes is written: mostly nothing does.
        if is_better(new.v, self.s.get(1).v) {
            self.s.set(1, new);
            self.s.set(2, new);
        } else if is_better(new.v, self.s.get(2).v) {
            self.s.set(2, new);
        }
        self.age(win, new);
        self.get()
    }

    /// Time has gone by: those that are too old go, and where one stands in two places and is old
    /// enough, `new` takes the later one.
    #[inline(always)]
    fn age(&mut self, win: u32, new: Sample) {
        let [first, second, third] = [self.s.get(0), self.s.get(1), self.s.get(2)];
        let age = new.t.wrapping_sub(first.t);
        if age > win {
            // The second best may be too old, too; the third was in the window.
            self.s = if new.t.wrapping_sub(second.t) > win {
                SmallArray::new([third, new, new])
            } else {
                SmallArray::new([second, third, new])
            };
        } else if second.t == first.t && age > win / 4 {
            self.s.set(1, new);
            self.s.set(2, new);
        } else if third.t == second.t && age > win / 2 {
            self.s.set(2, new);
        }
    }
}
