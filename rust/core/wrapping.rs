// SPDX-License-Identifier: GPL-2.0-only

//! A number without a unit.

use crate::AnyBytes;
use core::ops::{
    Add,
    AddAssign,
    Div,
    DivAssign,
    Mul,
    MulAssign,
    Rem,
    Shl,
    Shr,
    Sub,
    SubAssign, //
};

/// A number without a unit, whose arithmetic wraps as that of C's `u32`.
///
/// A formula of C stays a formula: nothing panics. As in BPF, what is divided by 0 is 0, and a
/// remainder by 0 is what was divided. (For [`core::num::Wrapping`] a division can panic.) A plain
/// `u32` may stand on either side.
///
/// # Examples
///
/// ```
/// use ferrops_core::Wrapping32;
///
/// let (old, new) = (Wrapping32::new(8), Wrapping32::new(16));
/// assert_eq!((3 * old + new) / 4, 10);
/// assert_eq!((old - new) >> 28, 0xf);
/// assert_eq!((old / 0, old % 0), (Wrapping32::ZERO, old));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Wrapping32(u32);

// SAFETY: Transparent over an integer.
unsafe impl AnyBytes for Wrapping32 {
    const HAS_PADDING: bool = false;
}

impl Wrapping32 {
    /// 0.
    pub const ZERO: Self = Self(0);

    /// The number `value`.
    #[inline]
    pub const fn new(value: u32) -> Self {
        Self(value)
    }

    /// The number.
    #[inline]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether it is 0.
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl From<u32> for Wrapping32 {
    #[inline]
    fn from(value: u32) -> Self {
        Self(value)
    }
}

impl PartialEq<u32> for Wrapping32 {
    #[inline]
    fn eq(&self, other: &u32) -> bool {
        self.0 == *other
    }
}

impl PartialOrd<u32> for Wrapping32 {
    #[inline]
    fn partial_cmp(&self, other: &u32) -> Option<core::cmp::Ordering> {
        self.0.partial_cmp(other)
    }
}

/// Generates operators, of two numbers either of which may be a `u32`.
macro_rules! operators {
    ($($operator:ident::$method:ident = |$a:ident, $b:ident| $value:expr;)*) => { $(
        impl $operator for Wrapping32 {
            type Output = Self;

            #[inline]
            fn $method(self, other: Self) -> Self {
                let ($a, $b) = (self.0, other.0);
                Self($value)
            }
        }

        impl $operator<u32> for Wrapping32 {
            type Output = Self;

            #[inline]
            fn $method(self, other: u32) -> Self {
                self.$method(Self(other))
            }
        }

        impl $operator<Wrapping32> for u32 {
            type Output = Wrapping32;

            #[inline]
            fn $method(self, other: Wrapping32) -> Wrapping32 {
                Wrapping32(self).$method(other)
            }
        }
    )* };
}

operators! {
    Add::add = |a, b| a.wrapping_add(b);
    Sub::sub = |a, b| a.wrapping_sub(b);
    Mul::mul = |a, b| a.wrapping_mul(b);
    Div::div = |a, b| a.checked_div(b).unwrap_or(0);
    Rem::rem = |a, b| a.checked_rem(b).unwrap_or(a);
}

/// Generates operators that assign.
macro_rules! assigning {
    ($($operator:ident::$method:ident = $plain:ident::$plain_method:ident;)*) => { $(
        impl<T> $operator<T> for Wrapping32
        where
            Self: $plain<T, Output = Self>,
        {
            #[inline]
            fn $method(&mut self, other: T) {
                *self = self.$plain_method(other);
            }
        }
    )* };
}

assigning! {
    AddAssign::add_assign = Add::add;
    SubAssign::sub_assign = Sub::sub;
    MulAssign::mul_assign = Mul::mul;
    DivAssign::div_assign = Div::div;
}

/// Shifts; nothing is left after a shift by all bits or more.
impl Shl<u32> for Wrapping32 {
    type Output = Self;

    #[inline]
    fn shl(self, bits: u32) -> Self {
        Self(self.0.checked_shl(bits).unwrap_or(0))
    }
}

/// Shifts; nothing is left after a shift by all bits or more.
impl Shr<u32> for Wrapping32 {
    type Output = Self;

    #[inline]
    fn shr(self, bits: u32) -> Self {
        Self(self.0.checked_shr(bits).unwrap_or(0))
    }
}
