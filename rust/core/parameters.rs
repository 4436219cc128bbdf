// SPDX-License-Identifier: GPL-2.0-only

//! Parameters of an implementation, declared once beside it.

use crate::word::AtomicU32;
use core::{
    ffi::CStr,
    sync::atomic::Ordering, //
};

/// The parameters of an implementation. Declared with [`parameters!`](crate::parameters).
#[derive(Clone, Copy)]
pub struct Parameters {
    /// The parameters.
    pub list: &'static [Parameter],

    /// What is derived from them.
    pub derived: &'static [DerivedParam],

    /// Computes what is derived from them. Called once they are set, before the implementation is
    /// used.
    pub derive: fn(),
}

impl Parameters {
    /// No parameters.
    pub const NONE: Self = Self {
        list: &[],
        derived: &[],
        derive: || (),
    };
}

/// A parameter: under its name in `/sys/module/*/parameters`.
///
/// # Invariants
///
/// `storage` is a `static`.
#[derive(Clone, Copy)]
pub struct Parameter {
    /// Its name: a C identifier.
    pub name: &'static CStr,

    /// What `modinfo` says of it.
    pub description: &'static str,

    /// What it is in C.
    pub kind: ParamKind,

    /// Its least and its greatest value.
    pub bounds: (i64, i64),

    /// Who may see and change it once the module is loaded.
    pub access: ParamAccess,

    /// Where its value is kept, as 32 bits.
    ///
    /// A pointer, since a constant cannot have a reference to what changes.
    storage: *const AtomicU32,
}

// SAFETY: The pointer is to a `static` by the type invariants, which any thread may use.
unsafe impl Sync for Parameter {}

impl Parameter {
    /// What [`parameters!`](crate::parameters) declares.
    ///
    /// # Safety
    ///
    /// `storage` must be a `static`.
    #[doc(hidden)]
    pub const unsafe fn __new(
        name: &'static CStr,
        description: &'static str,
        kind: ParamKind,
        bounds: (i64, i64),
        access: ParamAccess,
        storage: *const AtomicU32,
    ) -> Self {
        // INVARIANT: By the safety requirements.
        Self {
            name,
            description,
            kind,
            bounds,
            access,
            storage,
        }
    }

    /// Where its value is kept, for whoever gives that place a name (BPF).
    #[doc(hidden)]
    pub const fn __storage(&self) -> *const () {
        self.storage.cast()
    }

    /// Its value.
    #[inline]
    pub fn get(&self) -> i64 {
        // SAFETY: A `static` by the type invariants.
        let bits = unsafe { &*self.storage }.load(Ordering::Relaxed);
        match self.kind {
            ParamKind::Int => i64::from(bits as i32),
            ParamKind::Uint | ParamKind::Bool => i64::from(bits),
        }
    }

    /// Sets it, if `value` is within its bounds. Says whether it was.
    #[inline]
    pub fn set(&self, value: i64) -> bool {
        if value < self.bounds.0 || value > self.bounds.1 {
            return false;
        }
        // SAFETY: A `static` by the type invariants.
        unsafe { &*self.storage }.store(value as u32, Ordering::Relaxed);
        true
    }
}

/// A value that is derived from parameters.
#[derive(Clone, Copy)]
pub struct DerivedParam {
    /// Its name: a C identifier.
    pub name: &'static CStr,

    /// Where it is kept, as 32 or 64 bits.
    #[doc(hidden)]
    pub __storage: *const (),
}

// SAFETY: Here the pointer is only an address.
unsafe impl Sync for DerivedParam {}

/// Who may see and change a parameter once the module is loaded. Before, whoever loads it sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamAccess {
    /// Root may write to it, and all may read it (0644).
    Writable,
    /// All may read it (0444).
    ReadOnly,
    /// It is not shown (0).
    Hidden,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// `int`
    Int,
    /// `uint`
    Uint,
    /// `bool`
    Bool,
}

/// A type that a parameter may have: `i32`, `u32` and `bool`.
#[diagnostic::on_unimplemented(
    message = "a parameter cannot be a `{Self}`",
    note = "use `i32`, `u32` or `bool`"
)]
pub trait ParamValue: Copy {
    /// What it is in C.
    const KIND: ParamKind;

    /// The value that is kept as `bits`.
    fn from_bits(bits: u32) -> Self;
}

impl ParamValue for i32 {
    const KIND: ParamKind = ParamKind::Int;

    #[inline(always)]
    fn from_bits(bits: u32) -> Self {
        bits as i32
    }
}

impl ParamValue for u32 {
    const KIND: ParamKind = ParamKind::Uint;

    #[inline(always)]
    fn from_bits(bits: u32) -> Self {
        bits
    }
}

impl ParamValue for bool {
    const KIND: ParamKind = ParamKind::Bool;

    #[inline(always)]
    fn from_bits(bits: u32) -> Self {
        bits != 0
    }
}

/// A type whose parameters need no bounds.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a parameter that is a `{Self}` needs bounds",
    label = "no bounds",
    note = "write them behind its default, as in `717, 1..=1023`"
)]
pub trait __Unbounded: ParamValue {
    /// From the least to the greatest value.
    const ALL: core::ops::RangeInclusive<Self>;
}

impl __Unbounded for bool {
    const ALL: core::ops::RangeInclusive<Self> = false..=true;
}

/// Declares the parameters of an implementation, and what is derived from them when it is loaded.
///
/// Each is a line `writable NAME: TYPE = DEFAULT, BOUNDS;`, or `read_only` for one that can only be
/// given on loading, or `hidden` for one that is not shown after that either. The type is `i32`,
/// `u32`, or `bool` without bounds; what is outside the bounds is refused with `EINVAL`. The
/// documentation comment is what `modinfo` says.
///
/// A `derived` value is computed once, on loading, from the parameters that it names: `u32` or
/// `u64`. A parameter that is written later does not change it.
///
/// The macro makes a type with a function for each, and `DECLARED`, which an implementation names
/// as its `PARAMETERS`. There is one such type in a file.
///
/// # Examples
///
/// ```
/// mod algorithm {
///     ferrops_core::parameters! {
///         /// What can be set from outside.
///         pub struct Params {
///             /// multiplicative decrease, in 1/1024
///             writable beta: u32 = 717, 1..=1023;
///             /// leave slow start early
///             writable hystart: bool = true;
///             /// scale of the cubic function, in 1/1024
///             read_only bic_scale: u32 = 41, 1..=65535;
///         }
///         derived {
///             /// The scale at an RTT of 100 ms.
///             cube_rtt_scale: u32 = |bic_scale: u32| bic_scale * 10;
///         }
///     }
/// }
/// use algorithm::Params;
///
/// assert_eq!((Params::beta(), Params::hystart(), Params::cube_rtt_scale()), (717, true, 410));
///
/// let beta = Params::DECLARED.list[0];
/// assert!(beta.set(512) && !beta.set(1024));
/// assert_eq!(Params::beta(), 512);
/// ```
#[macro_export]
macro_rules! parameters {
    (
        $(#[$attr:meta])* $vis:vis struct $params:ident {
            $(
                $(#[doc = $doc:literal])+
                $mode:ident $name:ident: $ty:ty = $default:expr $(, $bounds:expr)?;
            )*
        }
        $(derived {
            $(
                $(#[$derived_attr:meta])*
                $derived:ident: $derived_ty:ident
                    = |$($from:ident: $from_ty:ty),+| $value:expr;
            )*
        })?
    ) => {
        $(#[$attr])*
        $vis struct $params;

        /// What the declarations are made of: a module for each of their parts.
        #[allow(non_upper_case_globals, reason = "everything has the parameters' names")]
        #[allow(unused_imports, reason = "the expressions may use what is around them")]
        mod __parameters {
            pub mod default {
                use super::super::*;
                $(pub const $name: $ty = $default;)*
            }

            pub mod bounds {
                use super::super::*;
                $(pub const $name: (i64, i64) = {
                    let bounds: ::core::ops::RangeInclusive<$ty> =
                        $crate::__parameter_bounds!($ty $(, $bounds)?);
                    let (min, max) = (*bounds.start() as i64, *bounds.end() as i64);
                    let default = super::default::$name as i64;
                    assert!(
                        min <= default && default <= max,
                        concat!("the default of `", stringify!($name), "` is out of its bounds")
                    );
                    (min, max)
                };)*
            }

            pub mod derived {
                use super::super::*;
                $($(
                    pub const fn $derived($($from: $from_ty),+) -> $derived_ty {
                        $value
                    }
                )*)?
            }

            pub mod storage {
                $(pub static $name: $crate::__private::AtomicU32 =
                    $crate::__private::AtomicU32::new(super::default::$name as u32);)*
                $($(pub static $derived: $crate::__derived_storage!($derived_ty) =
                    <$crate::__derived_storage!($derived_ty)>::new(
                        super::derived::$derived($(super::default::$from),+)
                    );)*)?
            }
        }

        impl $params {
            /// The declarations.
            pub const DECLARED: $crate::Parameters = $crate::Parameters {
                list: &[$({
                    const DESCRIPTION: &str = concat!($($doc),+);
                    const KIND: $crate::ParamKind = <$ty as $crate::ParamValue>::KIND;
                    // SAFETY: A `static`.
                    unsafe {
                        $crate::Parameter::__new(
                            $crate::__c_name(concat!(stringify!($name), "\0")),
                            DESCRIPTION,
                            KIND,
                            __parameters::bounds::$name,
                            $crate::__parameter_access!($mode),
                            &raw const __parameters::storage::$name,
                        )
                    }
                }),*],
                derived: &[$($(
                    $crate::DerivedParam {
                        name: $crate::__c_name(concat!(stringify!($derived), "\0")),
                        __storage: (&raw const __parameters::storage::$derived).cast(),
                    }
                ),*)?],
                derive: || {
                    $($(
                        __parameters::storage::$derived.store(
                            __parameters::derived::$derived($(Self::$from()),+),
                            ::core::sync::atomic::Ordering::Relaxed,
                        );
                    )*)?
                },
            };

            $(
                $(#[doc = $doc])+
                #[inline]
                pub fn $name() -> $ty {
                    <$ty as $crate::ParamValue>::from_bits(
                        __parameters::storage::$name.load(::core::sync::atomic::Ordering::Relaxed),
                    )
                }
            )*

            $($(
                $(#[$derived_attr])*
                #[inline]
                pub fn $derived() -> $derived_ty {
                    __parameters::storage::$derived.load(::core::sync::atomic::Ordering::Relaxed)
                }
            )*)?
        }
    };
}

/// The name of a parameter, which ends with a NUL.
#[doc(hidden)]
pub const fn __c_name(name: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(name.as_bytes()) {
        Ok(name) => name,
        Err(_) => panic!("an identifier has no NUL in it"),
    }
}

/// The bounds of a parameter: those that are given, or all values of a type that needs none.
#[doc(hidden)]
#[macro_export]
macro_rules! __parameter_bounds {
    ($ty:ty) => {
        <$ty as $crate::__Unbounded>::ALL
    };
    ($ty:ty, $bounds:expr) => {
        $bounds
    };
}

/// What the first word of a parameter's declaration means.
#[doc(hidden)]
#[macro_export]
macro_rules! __parameter_access {
    (writable) => {
        $crate::ParamAccess::Writable
    };
    (read_only) => {
        $crate::ParamAccess::ReadOnly
    };
    (hidden) => {
        $crate::ParamAccess::Hidden
    };
    ($other:ident) => {
        ::core::compile_error!("a parameter is `writable`, `read_only` or `hidden`")
    };
}

/// Where a derived value is kept.
#[doc(hidden)]
#[macro_export]
macro_rules! __derived_storage {
    (u32) => {
        $crate::__private::AtomicU32
    };
    (u64) => {
        $crate::__private::AtomicU64
    };
    ($other:ident) => {
        ::core::compile_error!("a derived value is either `u32` or `u64`")
    };
}
