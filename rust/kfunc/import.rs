// SPDX-License-Identifier: GPL-2.0-only

//! Kfuncs of other modules.

/// Takes in the kfuncs of another module of this build, as safe functions of their names. To be
/// written in a `mod` of its own.
///
/// What they take and return is read off that module when it is built. The kernel loads that module
/// first (`modprobe`), and keeps it. If it is from another build, with other declarations, this one
/// is not loaded: "Unknown symbol `<module>_kfuncs_<hash of the declarations>`".
///
/// Callbacks are not among them: a callback borrows a state that its caller may have borrowed
/// already. Nor are functions that may sleep, or want an RCU lock
/// (`KF_SLEEPABLE`, `KF_RCU_PROTECTED`): where an algorithm runs, that cannot be done.
///
/// # Examples
///
/// ```ignore
/// mod parts {
///     ferrops::import_kfuncs!(foo);
/// }
///
/// let root = parts::foo_square_root(27);
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

/// The declarations of another module's kfuncs: what `scripts/kfuncs` writes. First comes a symbol
/// which only a module with these declarations has.
#[doc(hidden)]
#[macro_export]
macro_rules! __imported_kfuncs {
    (
        $declarations:ident;

        unsafe extern "C" {
            $(
                $(#[doc = $doc:expr])*
                fn $name:ident($($args:tt)*) $(-> $ret:ty)?;
            )*
        }
    ) => {
        #[allow(unused_imports)]
        use $crate::{
            Argument,
            Mem,
            MemMut,
            Return, //
        };

        const _: () = {
            extern "C" {
                static $declarations: u8;
            }

            // With it this module is not loaded unless there is that symbol.
            #[used]
            // SAFETY: A constant of the other module, which stays as long as this one.
            static DECLARATIONS: &u8 = unsafe { &$declarations };
        };

        $($crate::__imported_kfunc! {
            { $name, [$($doc),*], ($($ret)?), [$($args)*] } [] [] $($args)*
        })*
    };
}

/// One of them: goes through its arguments, for a buffer is two in C.
#[doc(hidden)]
#[macro_export]
macro_rules! __imported_kfunc {
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: Mem<'_> $(, $($rest:tt)*)?) => {
        $crate::__imported_kfunc! {
            $head
            [$($params)* $arg: <Mem<'_> as Argument>::Abi, size: u32,]
            [$($done)* ($arg.0, $arg.1,) $arg]
            $($($rest)*)?
        }
    };
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: MemMut<'_> $(, $($rest:tt)*)?) => {
        $crate::__imported_kfunc! {
            $head
            [$($params)* $arg: <MemMut<'_> as Argument>::Abi, size: u32,]
            [$($done)* ($arg.0, $arg.1,) $arg]
            $($($rest)*)?
        }
    };
    ($head:tt [$($params:tt)*] [$($done:tt)*] $arg:ident: $ty:ty $(, $($rest:tt)*)?) => {
        $crate::__imported_kfunc! {
            $head
            [$($params)* $arg: <$ty as Argument>::Abi,]
            [$($done)* ($arg.0,) $arg]
            $($($rest)*)?
        }
    };
    (
        { $name:ident, [$($doc:expr),*], $ret:ty, [$($args:tt)*] }
        [$($params:tt)*] [$(($($passed:tt)*) $arg:ident)*]
    ) => {
        $(#[doc = $doc])*
        #[inline]
        pub fn $name($($args)*) -> $ret {
            extern "C" {
                fn $name($($params)*) -> <$ret as Return>::Abi;
            }
            $(let $arg = Argument::into_abi($arg);)*
            // SAFETY: The module that has it was built with this declaration, or this one would not
            // have been loaded. It offers functions alone that any caller may call.
            unsafe { <$ret as Return>::from_abi($name($($($passed)*)*)) }
        }
    };
}
