// SPDX-License-Identifier: GPL-2.0-only

//! Kfuncs of other modules.

/// Takes in the kfuncs of another module of this build, as safe functions of their names. To be
/// written in a `mod` of its own.
///
/// What they take and return is read off that module when it is built, so it is what the module
/// means. The kernel loads that module first (`modprobe`), and keeps it.
///
/// # Examples
///
/// ```ignore
/// mod parts {
///     ferrops::import_kfuncs!(tcp_rparts);
/// }
///
/// let root = parts::rparts_cubic_root(27);
/// ```
#[macro_export]
macro_rules! import_kfuncs {
    ($module:ident) => {
        include!(concat!(
            env!("FERROPS_KFUNCS"),
            "/",
            stringify!($module),
            "_kfuncs.rs"
        ));
    };
}

/// The declarations of another module's kfuncs: what `scripts/kfuncs` writes.
#[doc(hidden)]
#[macro_export]
macro_rules! __imported_kfuncs {
    ($(
        $(#[doc = $doc:expr])*
        fn $name:ident($($args:tt)*) $(-> $ret:ty)?;
    )*) => {
        #[allow(unused_imports)]
        use $crate::{
            kfunc::{
                Argument,
                Mem,
                MemMut,
                Received, //
            },
            __private::tcp_cc::{
                context::Unlocked,
                AckSample,
                CwndEvent,
                RateSample,
                Sock, //
            },
        };

        $($crate::__imported_kfunc! {
            { $name, [$($doc),*], [$($ret)?], [$($args)*] } [] [] $($args)*
        })*
    };
}

/// One of them: goes through its arguments, for a buffer has two registers.
#[doc(hidden)]
#[macro_export]
macro_rules! __imported_kfunc {
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: Mem<'_> $(, $($rest:tt)*)?) => {
        $crate::__imported_kfunc! {
            $head
            [$($params)* $arg: $crate::kfunc::Register, size: $crate::kfunc::Register,]
            [$($done)* ($arg.0, $arg.1,) $arg]
            $($($rest)*)?
        }
    };
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: MemMut<'_> $(, $($rest:tt)*)?) => {
        $crate::__imported_kfunc! {
            $head
            [$($params)* $arg: $crate::kfunc::Register, size: $crate::kfunc::Register,]
            [$($done)* ($arg.0, $arg.1,) $arg]
            $($($rest)*)?
        }
    };
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: $ty:ty $(, $($rest:tt)*)?) => {
        $crate::__imported_kfunc! {
            $head
            [$($params)* $arg: $crate::kfunc::Register,]
            [$($done)* ($arg.0,) $arg]
            $($($rest)*)?
        }
    };
    (
        { $name:ident, [$($doc:expr),*], [$($ret:ty)?], [$($args:tt)*] }
        [$($params:tt)*] [$(($($register:tt)*) $arg:ident)*]
    ) => {
        $(#[doc = $doc])*
        #[inline]
        pub fn $name($($args)*) $(-> $ret)? {
            extern "C" {
                fn $name($($params)*) $(-> $crate::__register!($ret))?;
            }
            $(let $arg = $arg.registers();)*
            // SAFETY: The module that has it was built with this declaration.
            unsafe { $crate::__from_register!($name($($($register)*)*) $(, $ret)?) }
        }
    };
}

/// A result from the register that holds it, if there is one.
#[doc(hidden)]
#[macro_export]
macro_rules! __from_register {
    ($call:expr) => {
        $call
    };
    ($call:expr, $ret:ty) => {
        <$ret as Received>::from_register($call)
    };
}
