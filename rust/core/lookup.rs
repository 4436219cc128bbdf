// SPDX-License-Identifier: GPL-2.0-only

//! Arrays that are read with any index.

use crate::AnyBytes;

/// A table of constants: an index beyond its end gives the last one.
///
/// # Examples
///
/// ```
/// use ferrops_core::LookupTable;
///
/// const GAIN: LookupTable<u32, 3> = LookupTable::new([5, 3, 4]);
///
/// assert_eq!(GAIN.get(1), 3);
/// assert_eq!(GAIN.get(6), 4);
/// ```
///
/// ```compile_fail
/// const NONE: ferrops_core::LookupTable<u32, 0> = ferrops_core::LookupTable::new([]);
/// ```
pub struct LookupTable<T, const N: usize>([T; N]);

impl<T: Copy, const N: usize> LookupTable<T, N> {
    /// A table of `elements`.
    pub const fn new(elements: [T; N]) -> Self {
        assert!(N > 0, "a `LookupTable` has at least one element");
        Self(elements)
    }

    /// How many elements it has.
    pub const LEN: u32 = N as u32;

    /// The element `index`, or the last one if there is no such.
    #[inline]
    pub const fn get(&self, index: u32) -> T {
        if (index as usize) < N {
            self.0[index as usize]
        } else {
            self.0[N - 1]
        }
    }
}

/// A few elements of a state.
///
/// An implementation cannot index an array in its state with a variable: the BPF verifier refuses
/// it, since the state lies in memory of the kernel's. Here the element is found by comparing the
/// index with each.
///
/// # Examples
///
/// ```
/// use ferrops_core::{any_bytes, SmallArray};
///
/// any_bytes! {
///     /// The largest window of each of two rounds.
///     pub struct Rounds {
///         largest: SmallArray<u32, 2>,
///     }
/// }
///
/// fn note(rounds: &mut Rounds, round: u32, largest: u32) {
///     rounds.largest.set(round & 1, largest);
/// }
/// # let mut rounds = Rounds { largest: SmallArray::new([1, 2]) };
/// # rounds.largest.set(1, 7);
/// # assert_eq!((rounds.largest.get(0), rounds.largest.get(1), rounds.largest.get(2)), (1, 7, 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct SmallArray<T, const N: usize>([T; N]);

// SAFETY: Transparent over an array of what may be any bytes.
unsafe impl<T: AnyBytes, const N: usize> AnyBytes for SmallArray<T, N> {
    const HAS_PADDING: bool = T::HAS_PADDING;
}

impl<T: Copy, const N: usize> SmallArray<T, N> {
    /// These `elements`.
    #[inline]
    pub const fn new(elements: [T; N]) -> Self {
        const { assert!(0 < N && N <= 8, "`SmallArray` is for 1 to 8 elements") };
        Self(elements)
    }

    /// The element `index`; the first one if there is no such.
    #[inline(always)]
    pub fn get(&self, index: u32) -> T {
        let mut found = self.0[0];
        let mut i = 1;
        while i < N {
            if index == i as u32 {
                found = self.0[i];
            }
            i += 1;
        }
        found
    }

    /// Sets the element `index`; the first one if there is no such.
    #[inline(always)]
    pub fn set(&mut self, index: u32, value: T) {
        let index = if index < N as u32 { index } else { 0 };
        let mut i = 0;
        while i < N {
            // Each is written, so that no address depends on the index.
            self.0[i] = if index == i as u32 { value } else { self.0[i] };
            i += 1;
        }
    }
}
