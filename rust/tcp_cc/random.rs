// SPDX-License-Identifier: GPL-2.0-only

//! Random numbers.

use tcp_cc_backend::{
    Interface,
    Target, //
};

/// Returns 32 random bits.
#[inline]
pub fn random_u32() -> u32 {
    Target::random_u32()
}

/// Returns a random number below `bound`; 0 if that is 0.
///
/// Uniform but for what does not go evenly into 2^32.
#[inline]
pub fn random_below(bound: u32) -> u32 {
    (u64::from(Target::random_u32()).wrapping_mul(u64::from(bound)) >> 32) as u32
}
