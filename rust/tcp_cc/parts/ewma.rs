// SPDX-License-Identifier: GPL-2.0-only

//! The exponentially weighted moving average: `avg += (sample - avg) / 2^shift`.
//!
//! With a shift of 3 it is the smoothed RTT of RFC 6298, section 2.3, and with one of 4 DCTCP's
//! alpha (RFC 8257, section 3.3, whose `g` is 1/16). A power of two makes the weight a shift.
//!
//! An average that is less than `2^shift` from the sample stays as it is. Callers that cannot live
//! with that keep it in fractions, as the kernel keeps `srtt_us` in 1/8.
//!
//! # Examples
//!
//! ```
//! use tcp_cc::parts::ewma::ewma;
//!
//! assert_eq!(ewma(800, 1600, 3), 900);
//! assert_eq!(ewma(1024, 0, 4), 960);
//! ```

/// Returns the average `avg` after one more `sample` with the weight `1 / 2^shift`, rounded towards
/// the old average. A shift above 31 counts as 31.
#[inline]
pub const fn ewma(avg: u32, sample: u32, shift: u32) -> u32 {
    let shift = if shift < 32 { shift } else { 31 };
    if sample >= avg {
        avg.wrapping_add(sample.wrapping_sub(avg) >> shift)
    } else {
        avg.wrapping_sub(avg.wrapping_sub(sample) >> shift)
    }
}
