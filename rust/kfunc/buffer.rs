// SPDX-License-Identifier: GPL-2.0-only

//! Memory of the caller's as an argument.

use crate::{
    Argument,
    Declared, //
};
use core::{
    marker::PhantomData,
    mem::MaybeUninit, //
};
use ferrops_core::AnyBytes;
use kernel::ffi::c_void;

/// Generates the types of buffers.
macro_rules! buffers {
    ($($(#[$doc:meta])* $name:ident($access:tt, $bytes:ty, $as_ptr:ident): $c:literal;)*) => { $(
        $(#[$doc])*
        ///
        /// Another processor may be writing to the bytes meanwhile, and another argument may be the
        /// same memory: so they can be copied, and never referred to.
        ///
        /// # Invariants
        ///
        /// For `'a`, the `len` bytes at `start` may be accessed.
        pub struct $name<'a> {
            start: *$access u8,
            len: usize,
            _borrow: PhantomData<$bytes>,
        }

        impl<'a> $name<'a> {
            /// Bytes of our own, to be passed to a kfunc.
            #[inline]
            pub fn new(bytes: $bytes) -> Self {
                let len = bytes.len();
                // INVARIANT: They are borrowed for `'a`.
                Self {
                    start: bytes.$as_ptr(),
                    len,
                    _borrow: PhantomData,
                }
            }

            /// How many bytes there are.
            #[inline]
            pub fn len(&self) -> usize {
                self.len
            }

            /// Whether there are none.
            #[inline]
            pub fn is_empty(&self) -> bool {
                self.len == 0
            }

            /// Copies out as many bytes as both have, from the beginning, and says how many.
            #[inline]
            pub fn copy_to(&self, to: &mut [u8]) -> usize {
                let len = self.len.min(to.len());
                for (index, byte) in to.iter_mut().enumerate().take(len) {
                    // SAFETY: By the type invariants. The volatile read is C's READ_ONCE().
                    *byte = unsafe { self.start.add(index).read_volatile() };
                }
                len
            }

            /// The first `N` bytes; `None` if there are fewer.
            #[inline]
            pub fn read<const N: usize>(&self) -> Option<[u8; N]> {
                let mut bytes = [0; N];
                (self.copy_to(&mut bytes) == N).then_some(bytes)
            }
        }

        // SAFETY: The verifier has checked that the program may access so many bytes. In C they are
        // two arguments.
        unsafe impl<'a> Argument for $name<'a> {
            type Abi = *$access c_void;
            type Stored = $name<'a>;
            type Borrowed<'h>
                = $name<'h>
            where
                Self: 'h;
            const DECLARED: Declared =
                Declared::scalar(concat!($c, "|u32"), concat!(stringify!($name), "<'_>"));

            #[inline(always)]
            unsafe fn from_abi(c: Self::Abi, size: u32) -> Self::Stored {
                // INVARIANT: By the contract of this function.
                Self {
                    start: c.cast(),
                    len: size as usize,
                    _borrow: PhantomData,
                }
            }

            #[inline(always)]
            fn borrow<'h>(stored: &'h mut Self::Stored) -> Self::Borrowed<'h>
            where
                Self: 'h,
            {
                // INVARIANT: The bytes are borrowed from `stored` for `'h`.
                $name {
                    start: stored.start,
                    len: stored.len,
                    _borrow: PhantomData,
                }
            }

            #[inline(always)]
            fn into_abi(self) -> (Self::Abi, u32) {
                (self.start.cast(), self.len as u32)
            }
        }
    )* };
}

buffers! {
    /// Bytes of the caller's, to be read.
    Mem(const, &'a [u8], as_ptr): "const void *";
    /// Bytes of the caller's, to be read and written.
    MemMut(mut, &'a mut [u8], as_mut_ptr): "void *";
}

impl MemMut<'_> {
    /// Copies in as many bytes as both have, from the beginning, and says how many.
    #[inline]
    pub fn copy_from(&self, from: &[u8]) -> usize {
        let len = self.len.min(from.len());
        for (index, byte) in from.iter().enumerate().take(len) {
            // SAFETY: By the type invariants. The volatile write is C's WRITE_ONCE().
            unsafe { self.start.add(index).write_volatile(*byte) };
        }
        len
    }
}

impl MemMut<'_> {
    /// Has `f` work on a copy of the bytes as a `T`, and copies it back; `None` if there are fewer
    /// bytes than a `T` has.
    #[inline]
    pub fn update<T: AnyBytes, R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        const {
            assert!(
                !T::HAS_PADDING,
                "padding would be copied to the program, with what the stack had there: \
                 give the type a field for each gap"
            );
        }
        let mut value = MaybeUninit::<T>::uninit();
        let bytes: *mut MaybeUninit<u8> = value.as_mut_ptr().cast();
        let mem: *mut MaybeUninit<u8> = self.start.cast();
        if self.len < size_of::<T>() {
            return None;
        }
        for i in 0..size_of::<T>() {
            // SAFETY: Inside both.
            unsafe { bytes.add(i).write(mem.add(i).read_volatile()) };
        }
        // SAFETY: As many bytes as it has were written, and any are a valid state.
        let result = f(unsafe { value.assume_init_mut() });
        for i in 0..size_of::<T>() {
            // SAFETY: Inside both.
            unsafe { mem.add(i).write_volatile(bytes.add(i).read()) };
        }
        Some(result)
    }
}
