// SPDX-License-Identifier: GPL-2.0-only

//! Arithmetic without a panic: the easy way to write what the build demands.

/// `dividend / divisor`, or `otherwise` where C would divide by 0.
///
/// # Examples
///
/// ```
/// use ferrops_core::div_or;
///
/// assert_eq!(div_or(10, 3, 7), 3);
/// assert_eq!(div_or(10, 0, 7), 7);
/// ```
#[inline]
pub const fn div_or(dividend: u32, divisor: u32, otherwise: u32) -> u32 {
    match dividend.checked_div(divisor) {
        Some(quotient) => quotient,
        None => otherwise,
    }
}

/// What `f` gives. Its code stays out of the caller's, which is spared what it would have to
/// prepare for a call or a case that is rare.
///
/// `f` should be a `move` closure over few numbers: they are handed over in registers, and
/// references to local variables would put those into memory.
#[cold]
#[cfg_attr(not(target_arch = "bpf"), inline(never))]
pub fn cold_call<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// As [`div_or`], for 64 bits.
#[inline]
pub const fn div64_or(dividend: u64, divisor: u64, otherwise: u64) -> u64 {
    match dividend.checked_div(divisor) {
        Some(quotient) => quotient,
        None => otherwise,
    }
}
