// SPDX-License-Identifier: GPL-2.0-only

//! Clocks. They wrap, and so do not compare with `<`.

use tcp_cc_backend as backend;

/// Microseconds in a millisecond.
pub const USEC_PER_MSEC: u32 = 1_000;

/// Microseconds in a second.
pub const USEC_PER_SEC: u32 = 1_000_000;

/// Generates a 32-bit clock.
macro_rules! clock {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[repr(transparent)]
        pub struct $name(u32);

        impl $name {
            /// The instant with the clock at `value`.
            #[inline]
            pub const fn new(value: u32) -> Self {
                Self(value)
            }

            /// Whether the clock is at 0, which states use for "not set".
            #[inline]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// How long ago `earlier` was; negative if it is yet to come.
            ///
            /// Right for instants that are less than half the clock's range apart.
            #[inline]
            pub const fn since(self, earlier: Self) -> i32 {
                self.0.wrapping_sub(earlier.0) as i32
            }

            /// Whether `self` is later than `other`.
            #[inline]
            pub const fn after(self, other: Self) -> bool {
                other.since(self) < 0
            }

            /// The instant `ticks` later.
            #[inline]
            pub const fn wrapping_add(self, ticks: u32) -> Self {
                Self(self.0.wrapping_add(ticks))
            }
        }
    };
}

clock! {
    /// An instant on the kernel's tick, `tcp_jiffies32`: [`HZ`](crate::HZ) ticks a second.
    Jiffies32
}

clock! {
    /// An instant in microseconds: the low half of `tcp_mstamp`, which wraps every 71 minutes.
    Micros32
}

impl Jiffies32 {
    /// The current tick.
    #[inline]
    pub fn now() -> Self {
        Self(backend::jiffies32())
    }
}

/// Ticks in `usecs` microseconds, rounded up (`usecs_to_jiffies()`).
///
/// The last two ticks before the end of the range of `usecs` (71 minutes) mean "for ever", as in C.
#[inline]
pub const fn usecs_to_jiffies(usecs: u32) -> u64 {
    const MAX_JIFFY_OFFSET: u64 = (i64::MAX as u64 >> 1) - 1;
    const USECS_PER_TICK: u32 = USEC_PER_SEC / backend::HZ;
    const MAX: u32 = USECS_PER_TICK.wrapping_mul(MAX_JIFFY_OFFSET as u32);
    const {
        assert!(
            USEC_PER_SEC % backend::HZ == 0,
            "a CONFIG_HZ that does not divide 1000000 is not supported"
        )
    };

    if usecs > MAX {
        return MAX_JIFFY_OFFSET;
    }
    (usecs.wrapping_add(USECS_PER_TICK - 1) / USECS_PER_TICK) as u64
}
