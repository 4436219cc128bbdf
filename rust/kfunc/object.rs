// SPDX-License-Identifier: GPL-2.0-only

//! References to objects of a table's as arguments and results.

use crate::{
    Argument,
    Declared,
    Return, //
};

/// A pointer of C's.
pub trait Pointer: Copy {
    /// `NULL`
    const NULL: Self;

    /// Returns whether it is `NULL`.
    fn is_null(self) -> bool;
}

impl<T> Pointer for *const T {
    const NULL: Self = core::ptr::null();

    #[inline(always)]
    fn is_null(self) -> bool {
        self.is_null()
    }
}

impl<T> Pointer for *mut T {
    const NULL: Self = core::ptr::null_mut();

    #[inline(always)]
    fn is_null(self) -> bool {
        self.is_null()
    }
}

/// An object that kfuncs may take a shared reference to, and return one that they were given.
///
/// # Safety
///
/// The verifier has to let through, as the type that `DECLARED` names, only what a reference may be
/// made of; `Abi` has to have that type's id (kCFI).
pub unsafe trait Object: Sized {
    /// A pointer to it in C.
    type Abi: Pointer;

    /// How a reference to it is declared.
    const DECLARED: Declared;

    /// An `Option` of such a reference in Rust.
    const NULLABLE: &'static str;

    /// Makes a reference of what C passes.
    ///
    /// # Safety
    ///
    /// It must be what a caller passes for this type, and valid for `'a`.
    unsafe fn from_abi<'a>(c: Self::Abi) -> &'a Self;

    /// Returns what C is passed.
    fn as_abi(&self) -> Self::Abi;
}

// SAFETY: By the contract of `Object`.
unsafe impl<'a, T: Object> Argument for &'a T {
    type Abi = T::Abi;
    type Stored = &'a T;
    type Borrowed<'h>
        = &'h T
    where
        Self: 'h;
    const DECLARED: Declared = T::DECLARED;

    #[inline(always)]
    unsafe fn from_abi(c: Self::Abi, _: u32) -> Self::Stored {
        // SAFETY: By the contract of this function.
        unsafe { T::from_abi(c) }
    }

    #[inline(always)]
    fn borrow<'h>(stored: &'h mut Self::Stored) -> Self::Borrowed<'h>
    where
        Self: 'h,
    {
        stored
    }

    #[inline(always)]
    fn into_abi(self) -> (Self::Abi, u32) {
        (self.as_abi(), 0)
    }
}

// SAFETY: As above, or NULL.
unsafe impl<'a, T: Object> Argument for Option<&'a T> {
    type Abi = T::Abi;
    type Stored = Option<&'a T>;
    type Borrowed<'h>
        = Option<&'h T>
    where
        Self: 'h;
    const DECLARED: Declared = Declared {
        rust: T::NULLABLE,
        ..T::DECLARED.nullable()
    };

    #[inline(always)]
    unsafe fn from_abi(c: Self::Abi, _: u32) -> Self::Stored {
        // SAFETY: By the contract of this function, since it is not NULL.
        (!c.is_null()).then(|| unsafe { T::from_abi(c) })
    }

    #[inline(always)]
    fn borrow<'h>(stored: &'h mut Self::Stored) -> Self::Borrowed<'h>
    where
        Self: 'h,
    {
        *stored
    }

    #[inline(always)]
    fn into_abi(self) -> (Self::Abi, u32) {
        (self.map_or(T::Abi::NULL, T::as_abi), 0)
    }
}

// SAFETY: NULL, or the address of an object that the caller has.
unsafe impl<T: Object> Return for Option<&T> {
    type Abi = T::Abi;
    const DECLARED: (&'static str, &'static str) = (T::DECLARED.c, T::NULLABLE);
    const MAY_BE_NULL: bool = true;

    #[inline(always)]
    fn into_abi(self) -> Self::Abi {
        Argument::into_abi(self).0
    }

    #[inline(always)]
    unsafe fn from_abi(c: Self::Abi) -> Self {
        // SAFETY: NULL, or the object that the caller lent to the kfunc.
        unsafe { <Self as Argument>::from_abi(c, 0) }
    }
}
