// SPDX-License-Identifier: GPL-2.0-only

//! A module's parameter, as the kernel reaches it.

use core::ptr::from_ref;
use ferrops_bindings as bindings;
use ferrops_ops::__private::KernelParam;
use kernel::{
    alloc::KVec,
    error::to_result,
    page::PAGE_SIZE,
    prelude::*, //
};

/// A parameter that is read and written as `/sys/module/*/parameters` does.
///
/// # Invariants
///
/// Is one of `kernel_params()`.
#[derive(Clone, Copy)]
pub struct ModuleParameter(&'static bindings::kernel_param);

impl ModuleParameter {
    /// The parameter `param` of the section `__param`.
    #[inline]
    pub fn new(param: &'static KernelParam) -> Self {
        // SAFETY: `KernelParam` is transparent, and nobody writes to it: the kernel does not know
        // this one.
        // INVARIANT: Only `kernel_params()` makes a `KernelParam`.
        Self(unsafe { &*from_ref(param).cast() })
    }

    /// Writes `text`.
    #[inline]
    pub fn set(self, text: &CStr) -> Result {
        let set = self.ops().set.ok_or(EINVAL)?;
        // SAFETY: The member of the table that this parameter names, with a text that ends with a
        // NUL.
        to_result(unsafe { set(text.as_char_ptr().cast(), self.0) })
    }

    /// What reading gives.
    #[inline]
    pub fn get(self) -> Result<KVec<u8>> {
        let get = self.ops().get.ok_or(EINVAL)?;
        let mut page = KVec::from_elem(0xee_u8, PAGE_SIZE, GFP_KERNEL)?;
        // SAFETY: The member of the table that this parameter names, with a page to write to.
        let length = unsafe { get(page.as_mut_ptr().cast(), self.0) };
        page.truncate(usize::try_from(length)?);
        Ok(page)
    }

    /// Its name.
    #[inline]
    pub fn name(self) -> &'static CStr {
        // SAFETY: The type invariants: a name that ends with a NUL and stays.
        unsafe { CStr::from_char_ptr(self.0.name.cast()) }
    }

    /// Who may read and write it, as `chmod` has it.
    #[inline]
    pub fn permissions(self) -> u16 {
        self.0.perm
    }

    /// The module that it belongs to.
    #[inline]
    pub fn owner(self) -> *mut bindings::module {
        self.0.mod_
    }

    /// The table of its functions.
    #[inline]
    fn ops(self) -> &'static bindings::kernel_param_ops {
        // SAFETY: By the type invariants there is a table.
        unsafe { &*self.0.ops }
    }
}
