// SPDX-License-Identifier: GPL-2.0-only

//! Clocks that wrap.

/// Declares a 32-bit clock, and the type of the spans between its instants, a
/// [`quantity!`](crate::quantity) of an `i32`.
///
/// Such a clock wraps, so its instants do not compare with `<`. They are
/// [`AnyBytes`](crate::AnyBytes).
///
/// # Examples
///
/// ```
/// ferrops_core::quantity! {
///     /// A time span in milliseconds.
///     Millis(i32)
/// }
///
/// ferrops_core::clock! {
///     /// An instant in milliseconds.
///     Millis32, Millis
/// }
///
/// let start = Millis32::new(u32::MAX);
/// let now = start + Millis::new(2);
/// assert!(now.after(start));
/// assert_eq!(now.since(start), Millis::new(2));
/// ```
#[macro_export]
macro_rules! clock {
    ($(#[$doc:meta])* $name:ident, $span:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[repr(transparent)]
        pub struct $name(u32);

        impl $name {
            /// The instant with the clock at 0, which states use for "not set".
            pub const ZERO: Self = Self(0);

            /// The instant with the clock at `value`.
            #[inline]
            pub const fn new(value: u32) -> Self {
                Self(value)
            }

            /// What the clock shows.
            #[inline]
            pub const fn get(self) -> u32 {
                self.0
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
            pub const fn since(self, earlier: Self) -> $span {
                $span::new(self.0.wrapping_sub(earlier.0) as i32)
            }

            /// Whether `self` is later than `other`.
            #[inline]
            pub const fn after(self, other: Self) -> bool {
                (other.0.wrapping_sub(self.0) as i32) < 0
            }
        }

        const _: () = {
            // An attribute may not have put another struct in the place of this one.
            const _: fn($name) -> u32 = |$name(value)| value;
        };

        // SAFETY: It has this number alone, which may be any bytes.
        unsafe impl $crate::AnyBytes for $name {
            const HAS_PADDING: bool = false;
        }

        impl ::core::ops::Add<$span> for $name {
            type Output = Self;

            #[inline]
            fn add(self, span: $span) -> Self {
                Self(self.0.wrapping_add(span.get() as u32))
            }
        }

        impl ::core::ops::Sub<$span> for $name {
            type Output = Self;

            #[inline]
            fn sub(self, span: $span) -> Self {
                Self(self.0.wrapping_sub(span.get() as u32))
            }
        }
    };
}
