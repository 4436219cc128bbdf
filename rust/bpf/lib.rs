// SPDX-License-Identifier: GPL-2.0-only

//! Congestion control algorithms as BPF programs.
//!
//! An algorithm is portable ([`tcp_cc`]); this crate puts it into a BPF object. It goes by the name
//! of the crate that puts one into a kernel module, `ferrops`, and has its macro: so the file that
//! makes a module makes a BPF object too, when `scripts/build-bpf` compiles it.
//!
//! The macro leaves in what rustc writes, for each algorithm, a function for every callback that a
//! table may have, one that computes what is derived from parameters, a description of the table
//! that it does have and of its parameters, and where those are kept. From that the script knows
//! what to write in C around them.

#![no_std]

use tcp_cc::{
    callbacks,
    CongestionControl,
    Kind,
    Parameter, //
};
use tcp_cc_backend::{
    RawAckSample,
    RawEvent,
    RawRateSample, //
};

/// What the macro's expansion needs.
#[doc(hidden)]
pub mod __private {
    pub use tcp_cc::{
        callbacks,
        CongestionControl, //
    };
    pub use tcp_cc_backend::{
        raw_tcp_congestion_ops,
        RawAckSample,
        RawEvent,
        RawRateSample,
        RawSock, //
    };
}

/// A text that is put together by the compiler: its length, and as many of its bytes as there is
/// room for.
struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    /// Appends a byte.
    const fn push(&mut self, byte: u8) {
        if self.len < N {
            self.bytes[self.len] = byte;
        }
        self.len += 1;
    }

    /// Appends bytes, up to the first that is 0.
    const fn bytes(&mut self, bytes: &[u8]) {
        let mut i = 0;
        while i < bytes.len() && bytes[i] != 0 {
            self.push(bytes[i]);
            i += 1;
        }
    }

    /// Appends a word, and a space.
    const fn word(&mut self, word: &str) {
        self.bytes(word.as_bytes());
        self.push(b' ');
    }

    /// Appends a number in decimal, and a space.
    const fn number(&mut self, value: i64) {
        if value < 0 {
            self.push(b'-');
        }
        let value = value.unsigned_abs();
        let mut unit = 1;
        while value / unit >= 10 {
            unit *= 10;
        }
        while unit > 0 {
            self.push(b'0' + (value / unit % 10) as u8);
            unit /= 10;
        }
        self.push(b' ');
    }

    /// Ends a line with its last word, which may have spaces in it.
    const fn end(&mut self, word: &[u8]) {
        self.bytes(word);
        self.push(b'\n');
    }

    /// Appends a line for a parameter.
    const fn parameter(&mut self, parameter: &Parameter) {
        self.word("parameter");
        self.bytes(parameter.name.to_bytes());
        self.push(b' ');
        self.word(match parameter.kind {
            Kind::Int => "int",
            Kind::Uint => "uint",
            Kind::Bool => "bool",
        });
        self.word(if parameter.is_writable {
            "writable"
        } else {
            "read_only"
        });
        self.number(parameter.bounds.0);
        self.number(parameter.bounds.1);
        self.end(parameter.description.as_bytes());
    }
}

/// A type of the kernel's prototypes.
trait InC {
    /// Its name in C.
    const NAME: &'static str;
}

/// Implements [`InC`].
macro_rules! in_c {
    ($($ty:ty = $name:literal;)*) => {
        $(impl InC for $ty {
            const NAME: &'static str = $name;
        })*
    };
}

in_c! {
    () = "void";
    u8 = "u8";
    u32 = "u32";
    i32 = "int";
    RawEvent = "enum tcp_ca_event";
    *const RawAckSample = "const struct ack_sample *";
    *const RawRateSample = "const struct rate_sample *";
}

/// The description of the table of `A`, cut off after `N` bytes.
#[allow(unused_parens, reason = "not every callback has a result")]
const fn describe<A: CongestionControl, const N: usize>() -> Text<N> {
    let ops = callbacks::table::<A>();
    let mut text = Text {
        bytes: [0; N],
        len: 0,
    };
    text.word("name");
    text.end(&ops.name);
    text.word("flags");
    text.number(ops.flags as i64);
    text.end(b"");

    /// A line for each callback that is there: its prototype, or only its name where BPF has none.
    macro_rules! callbacks {
        (
            [$($callback:ident($($arg:ident: $raw:ty),*) $(-> $ret:ty)?;)*]
            [$($other:ident $args:tt -> $other_ret:ty;)*]
        ) => {
            $(if ops.$callback.is_some() {
                text.word("callback");
                text.word(stringify!($callback));
                $(
                    text.bytes(concat!(stringify!($arg), ": ").as_bytes());
                    text.bytes(<$raw as InC>::NAME.as_bytes());
                    text.bytes(b", ");
                )*
                text.bytes(b"-> ");
                text.end(<($($ret)?) as InC>::NAME.as_bytes());
            })*
            $(if ops.$other.is_some() {
                text.word("callback");
                text.end(stringify!($other).as_bytes());
            })*
        };
    }
    tcp_cc_backend::raw_tcp_congestion_ops!(callbacks);

    let parameters = &A::PARAMETERS;
    let mut i = 0;
    while i < parameters.list.len() {
        text.parameter(&parameters.list[i]);
        i += 1;
    }
    let mut i = 0;
    while i < parameters.derived.len() {
        text.word("derived");
        text.end(parameters.derived[i].name.to_bytes());
        i += 1;
    }
    text
}

/// How long the description of the table of `A` is, in bytes.
#[doc(hidden)]
pub const fn description_len<A: CongestionControl>() -> usize {
    describe::<A, 0>().len
}

/// The description of the table of `A`: lines of words.
#[doc(hidden)]
pub const fn description<A: CongestionControl, const N: usize>() -> [u8; N] {
    describe::<A, N>().bytes
}

/// Where a parameter or a derived value is kept.
#[doc(hidden)]
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Storage(*const ());

// SAFETY: Nobody follows the pointer: the script reads it, to see which symbol it is.
unsafe impl Sync for Storage {}

/// How many parameters and derived values `A` has.
#[doc(hidden)]
pub const fn storage_len<A: CongestionControl>() -> usize {
    A::PARAMETERS.list.len() + A::PARAMETERS.derived.len()
}

/// Where the parameters of `A` and what is derived from them are kept, in the order of the
/// description.
#[doc(hidden)]
pub const fn storage<A: CongestionControl, const N: usize>() -> [Storage; N] {
    let parameters = &A::PARAMETERS;
    let mut storage = [Storage(core::ptr::null()); N];
    let mut i = 0;
    while i < N {
        storage[i] = Storage(if i < parameters.list.len() {
            parameters.list[i].__storage()
        } else {
            parameters.derived[i - parameters.list.len()].__storage
        });
        i += 1;
    }
    storage
}

/// Declares BPF programs for congestion control algorithms.
///
/// Of what the macro of this name takes for a kernel module, only the algorithms are of use here.
#[macro_export]
macro_rules! module_tcp_congestion_ops {
    (algorithm: $algorithm:ty, $($for_the_module:tt)*) => {
        $crate::__tables! { [0] $algorithm }
    };
    (algorithms: [$($algorithm:ty),+ $(,)?], $($for_the_module:tt)*) => {
        $crate::__tables! { [0 1 2 3 4 5 6 7] $($algorithm),+ }
    };
}

/// The types of kfuncs' arguments, for the file of a module to import: a BPF object has no kfuncs.
pub mod kfunc {
    use core::marker::PhantomData;

    /// Bytes of a caller's, to be read.
    pub struct Mem<'a>(PhantomData<&'a [u8]>);

    /// Bytes of a caller's, to be read and written.
    pub struct MemMut<'a>(PhantomData<&'a mut [u8]>);
}

/// Declares kfuncs. BPF programs call those of a module.
#[macro_export]
macro_rules! kfuncs {
    ($($for_the_module:tt)*) => {};
}

/// Declares callbacks as kfuncs: a matter of modules.
#[macro_export]
macro_rules! callback_kfuncs {
    ($($for_the_module:tt)*) => {};
}

/// Generates, for each algorithm, what the crate's documentation says, under names that C knows.
#[doc(hidden)]
#[macro_export]
macro_rules! __tables {
    ([$($numbers:literal)*]) => {};
    ([$number:literal $($numbers:literal)*] $algorithm:ty $(, $rest:ty)*) => {
        const _: () = {
            use $crate::__private::{
                RawAckSample,
                RawEvent,
                RawRateSample,
                RawSock, //
            };

            const LEN: usize = $crate::description_len::<$algorithm>();

            #[export_name = concat!("ferrops_", $number)]
            static DESCRIPTION: [u8; LEN] = $crate::description::<$algorithm, LEN>();

            #[export_name = concat!("ferrops_", $number, "_storage")]
            static STORAGE: [$crate::Storage; $crate::storage_len::<$algorithm>()] =
                $crate::storage::<$algorithm, { $crate::storage_len::<$algorithm>() }>();

            #[export_name = concat!("ferrops_", $number, "_derive")]
            extern "C" fn derive() {
                (<$algorithm as $crate::__private::CongestionControl>::PARAMETERS.derive)()
            }

            $crate::__private::raw_tcp_congestion_ops! {
                [$crate::__entry_points] $number, $algorithm:
            }
        };
        $crate::__tables! { [$($numbers)*] $($rest),* }
    };
}

/// Generates functions that C calls, `ferrops_NUMBER_CALLBACK`.
#[doc(hidden)]
#[macro_export]
macro_rules! __entry_points {
    (
        $number:literal, $algorithm:ty:
        [$($callback:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;)*] $others:tt
    ) => { $(
        #[export_name = concat!("ferrops_", $number, "_", stringify!($callback))]
        unsafe extern "C" fn $callback(sk: *mut RawSock $(, $arg: $ty)*) $(-> $ret)? {
            // SAFETY: The program of this name in the C around this, which is the table's member,
            // calls it with what the kernel passes (contract 5).
            unsafe { $crate::__private::callbacks::$callback::<$algorithm>(sk $(, $arg)*) }
        }
    )* };
}
