// SPDX-License-Identifier: GPL-2.0-only

//! Parameters of implementations as parameters of a module: `/sys/module/*/parameters`.
//!
//! The `kernel` crate's own are read-only once the module is loaded; those of C are not.
//!
//! C header: [`include/linux/moduleparam.h`](srctree/include/linux/moduleparam.h)

use crate::THIS_MODULE;
use core::mem::MaybeUninit;
use ferrops_bindings as bindings;
use ferrops_core::{
    ParamAccess,
    ParamKind,
    Parameter, //
};
use kernel::{
    ffi::{
        c_char,
        c_int, //
    },
    prelude::*, //
};

/// A parameter of a module: `struct kernel_param`.
#[repr(transparent)]
pub struct KernelParam(bindings::kernel_param);

// SAFETY: The kernel serialises access with its own lock; we never touch it.
unsafe impl Sync for KernelParam {}

/// What the kernel calls for a parameter, and which one that is.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ParamOps {
    ops: bindings::kernel_param_ops,
    parameter: &'static Parameter,
}

/// Returns what the kernel calls for each of `list`, of which there are `N`.
pub const fn param_ops<const N: usize>(list: &'static [Parameter]) -> [ParamOps; N] {
    let mut ops = [const { MaybeUninit::<ParamOps>::uninit() }; N];
    let mut i = 0;
    while i < N {
        ops[i] = MaybeUninit::new(ParamOps {
            ops: bindings::kernel_param_ops {
                flags: 0,
                set: Some(set),
                // They read what `arg` points to, as C's variable: the first byte of a `bool`.
                get: Some(match list[i].kind {
                    ParamKind::Int => bindings::param_get_int,
                    ParamKind::Uint => bindings::param_get_uint,
                    ParamKind::Bool => bindings::param_get_bool,
                }),
                free: None,
            },
            parameter: &list[i],
        });
        i += 1;
    }
    // SAFETY: All of them are initialised.
    unsafe { core::mem::transmute_copy(&ops) }
}

/// A parameter that is not there.
// SAFETY: `NULL` pointers and numbers.
const NONE: bindings::kernel_param = unsafe { core::mem::zeroed() };

/// Returns the content of the section `__param` for `ops`.
pub const fn kernel_params<const N: usize>(ops: &'static [ParamOps; N]) -> [KernelParam; N] {
    let mut params = [const { KernelParam(NONE) }; N];
    let mut i = 0;
    while i < N {
        let parameter = ops[i].parameter;
        params[i] = KernelParam(bindings::kernel_param {
            name: parameter.name.to_bytes_with_nul().as_ptr(),
            mod_: THIS_MODULE,
            ops: core::ptr::from_ref(&ops[i]).cast(),
            perm: match parameter.access {
                ParamAccess::Writable => 0o644,
                ParamAccess::ReadOnly => 0o444,
                ParamAccess::Hidden => 0,
            },
            level: -1,
            flags: 0,
            __bindgen_anon_1: bindings::kernel_param__bindgen_ty_1 {
                arg: parameter.__storage().cast_mut().cast(),
            },
        });
        i += 1;
    }
    params
}

const _: () = assert!(
    cfg!(target_endian = "little"),
    "the kernel reads the first byte of a `bool`"
);

/// Sets a parameter to what the text `val` says.
///
/// Returns `EINVAL` for what is not of its type or out of its bounds, and `ERANGE` for a number of
/// more than 64 bits, and changes nothing then.
///
/// # Safety
///
/// `param` must be one of [`kernel_params`], and `val` a text that ends with a NUL.
#[inline]
unsafe extern "C" fn set(val: *const c_char, param: *const bindings::kernel_param) -> c_int {
    // SAFETY: By this function's contract; that is where `ops` points.
    let parameter = unsafe { (*(*param).ops.cast::<ParamOps>()).parameter };
    let (mut number, mut bool) = (0, false);
    // SAFETY: By this function's contract. The kernel passes no text at all only to parameters that
    // say they can do without.
    let status = unsafe {
        match parameter.kind {
            ParamKind::Int | ParamKind::Uint => bindings::kstrtoll(val, 0, &mut number),
            ParamKind::Bool => bindings::kstrtobool(val, &mut bool),
        }
    };
    if status != 0 {
        status
    } else if parameter.set(number | i64::from(bool)) {
        0
    } else {
        EINVAL.to_errno()
    }
}
