// SPDX-License-Identifier: GPL-2.0-only

//! Words that whoever sets a parameter writes to while others read them.

#[cfg(target_has_atomic = "32")]
pub use core::sync::atomic::{
    AtomicU32,
    AtomicU64, //
};

#[cfg(not(target_has_atomic = "32"))]
pub use without_atomics::{
    AtomicU32,
    AtomicU64, //
};

/// The same for a machine that has no 32-bit atomics, as BPF: there a load or a store of an aligned
/// word is one instruction.
#[cfg(not(target_has_atomic = "32"))]
mod without_atomics {
    use core::{
        cell::UnsafeCell,
        sync::atomic::Ordering, //
    };

    /// Generates a word.
    macro_rules! words {
        ($($(#[$doc:meta])* $name:ident($ty:ty);)*) => { $(
            $(#[$doc])*
            #[repr(transparent)]
            pub struct $name(UnsafeCell<$ty>);

            // SAFETY: It is read and written with single instructions.
            unsafe impl Sync for $name {}

            impl $name {
                /// Keeps `value`.
                pub const fn new(value: $ty) -> Self {
                    Self(UnsafeCell::new(value))
                }

                /// Returns the value.
                #[inline(always)]
                pub fn load(&self, _: Ordering) -> $ty {
                    // SAFETY: It is there, and aligned. Volatile, since what is compiled in is only
                    // the value until somebody sets another.
                    unsafe { self.0.get().read_volatile() }
                }

                /// Sets the value.
                #[inline(always)]
                pub fn store(&self, value: $ty, _: Ordering) {
                    // SAFETY: As above.
                    unsafe { self.0.get().write_volatile(value) }
                }
            }
        )* };
    }

    words! {
        /// 32 bits.
        AtomicU32(u32);
        /// 64 bits.
        AtomicU64(u64);
    }
}
