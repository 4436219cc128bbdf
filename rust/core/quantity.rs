// SPDX-License-Identifier: GPL-2.0-only

//! Quantities with a unit.

/// Declares a quantity: a number with a unit.
///
/// Quantities of different units do not mix. Their arithmetic wraps, as C's does, and never panics:
/// what is divided by 0 is 0, as in BPF. They are [`AnyBytes`](crate::AnyBytes).
///
/// # Examples
///
/// ```
/// ferrops_core::quantity! {
///     /// A number of bytes.
///     Bytes(u32)
/// }
///
/// let bytes = Bytes::new(1000) * 3;
/// assert_eq!((bytes / Bytes::new(400), bytes / 0, bytes >> 2), (7, Bytes::ZERO, Bytes::new(750)));
/// ```
#[macro_export]
macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident($raw:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(transparent)]
        pub struct $name($raw);

        impl $name {
            /// None of it.
            pub const ZERO: Self = Self(0);

            /// As many as `value` says.
            #[inline]
            pub const fn new(value: $raw) -> Self {
                Self(value)
            }

            /// The number, without the unit.
            #[inline]
            pub const fn get(self) -> $raw {
                self.0
            }

            /// Whether there is none.
            #[inline]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }
        }

        const _: () = {
            const fn any_bytes<T: $crate::AnyBytes>() {}
            any_bytes::<$raw>();
            // An attribute may not have put another struct in the place of this one.
            const _: fn($name) -> $raw = |$name(value)| value;
        };

        // SAFETY: It has this number alone, which may be any bytes, as was just asserted.
        unsafe impl $crate::AnyBytes for $name {
            const HAS_PADDING: bool = false;
        }

        impl ::core::ops::Add for $name {
            type Output = Self;

            #[inline]
            fn add(self, other: Self) -> Self {
                Self(self.0.wrapping_add(other.0))
            }
        }

        impl ::core::ops::Sub for $name {
            type Output = Self;

            #[inline]
            fn sub(self, other: Self) -> Self {
                Self(self.0.wrapping_sub(other.0))
            }
        }

        impl ::core::ops::AddAssign for $name {
            #[inline]
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl ::core::ops::SubAssign for $name {
            #[inline]
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl ::core::ops::Mul<$raw> for $name {
            type Output = Self;

            #[inline]
            fn mul(self, factor: $raw) -> Self {
                Self(self.0.wrapping_mul(factor))
            }
        }

        /// Divides. As in BPF, nothing is left of what is divided by 0.
        impl ::core::ops::Div<$raw> for $name {
            type Output = Self;

            #[inline]
            fn div(self, divisor: $raw) -> Self {
                Self(self / Self(divisor))
            }
        }

        /// How often the other quantity goes into this one; 0 times if that is 0, as in BPF.
        impl ::core::ops::Div for $name {
            type Output = $raw;

            #[inline]
            fn div(self, divisor: Self) -> $raw {
                match divisor.0 {
                    0 => 0,
                    divisor => self.0.wrapping_div(divisor),
                }
            }
        }

        /// Shifts; nothing is left after a shift by all bits or more.
        impl ::core::ops::Shr<u32> for $name {
            type Output = Self;

            #[inline]
            fn shr(self, bits: u32) -> Self {
                Self(self.0.checked_shr(bits).unwrap_or(0))
            }
        }

        /// Shifts; nothing is left after a shift by all bits or more.
        impl ::core::ops::Shl<u32> for $name {
            type Output = Self;

            #[inline]
            fn shl(self, bits: u32) -> Self {
                Self(self.0.checked_shl(bits).unwrap_or(0))
            }
        }
    };
}
