// SPDX-License-Identifier: GPL-2.0-only

//! Memory of the kernel's behind a Rust reference.

use core::{
    cell::UnsafeCell,
    marker::{
        PhantomData,
        PhantomPinned, //
    },
    mem::MaybeUninit,
};

/// A `T` of the kernel's, as `kernel::types::Opaque` is: a reference to it promises nothing about
/// its bytes.
///
/// They may be uninitialised and may change at any time ([`UnsafeCell`]). They may also be reached
/// by other pointers while a `&mut Opaque<T>` exists, since it is not `Unpin`: that is what the
/// kernel relies on, too. It is neither `Send` nor `Sync`.
#[repr(transparent)]
pub struct Opaque<T> {
    value: UnsafeCell<MaybeUninit<T>>,
    _pin: PhantomData<(PhantomPinned, *mut T)>,
}

impl<T> Opaque<T> {
    /// The address of the value inside of `this`, without a reference to it.
    #[inline(always)]
    pub const fn raw_get(this: *const Self) -> *mut T {
        UnsafeCell::raw_get(this.cast::<UnsafeCell<MaybeUninit<T>>>()).cast()
    }
}
