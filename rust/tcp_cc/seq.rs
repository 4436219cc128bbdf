// SPDX-License-Identifier: GPL-2.0-only

//! Sequence numbers.

use crate::Bytes;

/// A TCP sequence number: it wraps, so it is compared with [`after`](Self::after) only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct SeqNo(u32);

// SAFETY: Transparent over an integer.
unsafe impl crate::AnyBytes for SeqNo {
    const HAS_PADDING: bool = false;
}

impl SeqNo {
    /// The sequence number `value`.
    #[inline]
    pub const fn new(value: u32) -> Self {
        Self(value)
    }

    /// The number.
    #[inline]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether `self` comes after `other` (`after()`).
    #[inline]
    pub const fn after(self, other: Self) -> bool {
        (other.0.wrapping_sub(self.0) as i32) < 0
    }

    /// Whether `self` comes before `other` (`before()`).
    #[inline]
    pub const fn before(self, other: Self) -> bool {
        other.after(self)
    }

    /// Whether `self` is one of those from `first` to `last` (`between()`).
    #[inline]
    pub const fn between(self, first: Self, last: Self) -> bool {
        last.0.wrapping_sub(first.0) >= self.0.wrapping_sub(first.0)
    }

    /// How many bytes there are from `earlier` up to here.
    #[inline]
    pub const fn since(self, earlier: Self) -> Bytes {
        Bytes::new(self.0.wrapping_sub(earlier.0))
    }
}

impl core::ops::Add<Bytes> for SeqNo {
    type Output = Self;

    #[inline]
    fn add(self, bytes: Bytes) -> Self {
        Self(self.0.wrapping_add(bytes.get()))
    }
}
