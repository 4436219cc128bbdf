// SPDX-License-Identifier: GPL-2.0-only

//! Parameters of algorithms as parameters of a module: `/sys/module/*/parameters`.
//!
//! The `kernel` crate's own are read-only once the module is loaded; those of C are not.
//!
//! C header: [`include/linux/moduleparam.h`](srctree/include/linux/moduleparam.h)

use kernel::{
    error::to_result,
    ffi::{
        c_char,
        c_int,
        c_void, //
    },
    prelude::*, //
};
use tcp_bindings as bindings;
use tcp_cc::{
    Kind,
    Parameter,
    Parameters, //
};

/// A parameter of a module: `struct kernel_param`.
#[repr(transparent)]
pub struct KernelParam(bindings::kernel_param);

// SAFETY: The kernel serialises access with its own lock; we never touch it.
unsafe impl Sync for KernelParam {}

/// A parameter that is not there.
// SAFETY: `NULL` pointers and numbers.
const NONE: bindings::kernel_param = unsafe { core::mem::zeroed() };

/// The content of the section `__param` for `parameters`, of which there are `N`.
pub const fn kernel_params<const N: usize>(parameters: &'static Parameters) -> [KernelParam; N] {
    let mut params = [const { KernelParam(NONE) }; N];
    let mut i = 0;
    while i < N {
        let parameter: &'static Parameter = &parameters.list[i];
        params[i] = KernelParam(bindings::kernel_param {
            name: parameter.name.to_bytes_with_nul().as_ptr(),
            mod_: tcp_cc_backend::THIS_MODULE,
            ops: &bindings::kernel_param_ops {
                flags: 0,
                set: Some(set),
                get: Some(get),
                free: None,
            },
            perm: if parameter.is_writable { 0o644 } else { 0o444 },
            level: -1,
            flags: 0,
            __bindgen_anon_1: bindings::kernel_param__bindgen_ty_1 {
                arg: core::ptr::from_ref(parameter).cast_mut().cast::<c_void>(),
            },
        });
        i += 1;
    }
    params
}

/// The parameter that `param` is about.
///
/// # Safety
///
/// `param` must be one of [`kernel_params`].
#[inline]
unsafe fn parameter(param: *const bindings::kernel_param) -> &'static Parameter {
    // SAFETY: By this function's contract; that is where `arg` points.
    unsafe { &*(*param).__bindgen_anon_1.arg.cast::<Parameter>() }
}

/// Sets a parameter to what the text `val` says.
///
/// Returns `EINVAL` for what is not of its type or out of its bounds, `ERANGE` for a
/// number of more than 32 bits, and changes nothing then.
///
/// # Safety
///
/// To be called by the kernel as a member of `struct kernel_param_ops`.
#[inline]
unsafe extern "C" fn set(val: *const c_char, param: *const bindings::kernel_param) -> c_int {
    // SAFETY: The kernel passes the parameter that the table belongs to.
    let parameter = unsafe { parameter(param) };
    let (mut int, mut uint, mut bool) = (0, 0, false);
    // SAFETY: The kernel passes a text that ends with a NUL: it passes none at all only to
    // parameters that say they can do without.
    let parsed = to_result(unsafe {
        match parameter.kind {
            Kind::Int => bindings::kstrtoint(val, 0, &mut int),
            Kind::Uint => bindings::kstrtouint(val, 0, &mut uint),
            Kind::Bool => bindings::kstrtobool(val, &mut bool),
        }
    });
    let value = match parameter.kind {
        Kind::Int => i64::from(int),
        Kind::Uint => i64::from(uint),
        Kind::Bool => i64::from(bool),
    };
    match parsed {
        Err(error) => error.to_errno(),
        Ok(()) if parameter.set(value) => 0,
        Ok(()) => EINVAL.to_errno(),
    }
}

/// Writes a parameter to `buffer`, and returns how many bytes that took.
///
/// # Safety
///
/// To be called by the kernel as a member of `struct kernel_param_ops`.
#[inline]
unsafe extern "C" fn get(buffer: *mut c_char, param: *const bindings::kernel_param) -> c_int {
    // SAFETY: The kernel passes the parameter that the table belongs to.
    let parameter = unsafe { parameter(param) };
    let value = parameter.get();
    // SAFETY: The kernel passes a page. The format and the arguments agree.
    unsafe {
        match parameter.kind {
            Kind::Int | Kind::Uint => {
                bindings::scnprintf(buffer, PAGE_SIZE, c"%lld\n".as_char_ptr(), value)
            }
            Kind::Bool => {
                let letter = c_int::from(if value != 0 { b'Y' } else { b'N' });
                bindings::scnprintf(buffer, PAGE_SIZE, c"%c\n".as_char_ptr(), letter)
            }
        }
    }
}

/// What the kernel gives room for, for the text of a parameter.
const PAGE_SIZE: usize = kernel::page::PAGE_SIZE;
