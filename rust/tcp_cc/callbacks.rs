// SPDX-License-Identifier: GPL-2.0-only

//! From the kernel's callbacks to an algorithm's: the same on every target.
//!
//! For whoever puts algorithms into a target; an algorithm itself needs nothing of this.

use crate::{
    context::Unlocked,
    sock::split,
    state,
    units::FromKernel,
    AckSample,
    CongestionControl,
    Control,
    Info,
    Parameters,
    RateSample,
    Sock, //
};
use core::marker::PhantomData;
use ferrops_core::{
    Callback,
    Implementation, //
};
pub use tcp_cc_backend::TcpCongestionOps;

use tcp_cc_backend::{
    self as backend,
    Interface,
    Target, //
};

use backend::{
    RawAckSample,
    RawCcInfo,
    RawEvent,
    RawOps,
    RawRateSample,
    RawSock, //
};

/// The table of `A`: a member for each callback that it has, `NULL` for the others.
pub const fn table<A: CongestionControl>() -> RawOps {
    // Not in a `const` block, so that a message shows whose table it is.
    state::assert_fits::<A::State>();

    /// Sets each member that the algorithm has.
    macro_rules! members {
        (
            required { $(
                $(#[$r_doc:meta])*
                $r_ctx:ident $required:ident $r_args:tt -> $r_raw:ty as $r_ty:ty;
            )* }
            control { $(
                $(#[$c_doc:meta])*
                $variant:ident: $c_ctx:ident $control:ident $c_args:tt;
            )* }
            optional { $(
                $(#[$o_doc:meta])*
                $o_ctx:ident $optional:ident $o_args:tt
                    $(-> $o_raw:ty as $o_ty:ty [$o_range:expr])?;
            )* }
            get_info { $(#[$g_doc:meta])* Unlocked $get_info:ident $($g_prototype:tt)* }
        ) => {{
            let mut ops = RawOps {
                $($required: Some($required::<A>),)*
                name: c_name(A::OPS.name),
                flags: A::OPS.flags.bits(),
                ..Target::NO_OPS
            };
            $(if A::OPS.optional.$optional.is_some() {
                ops.$optional = Some($optional::<A>);
            })*
            if A::OPS.optional.$get_info.is_some() {
                ops.$get_info = Some($get_info::<A>);
            }
            match A::OPS.control {
                $(Control::$variant(_) => ops.$control = Some($control::<A>),)*
            }
            ops
        }};
    }
    backend::tcp_congestion_ops!(members)
}

/// The table of `A` as what the macros want that put one into a target.
pub struct Adapters<A>(PhantomData<A>);

// SAFETY: By the contracts of the members below, which are what the kernel keeps to (contract 5).
// The table's owner is the module that this is compiled into.
unsafe impl<A: CongestionControl> Implementation for Adapters<A> {
    type Of = A;
    type Table = TcpCongestionOps;
    type Raw = RawOps;

    const NAME: &'static str = A::OPS.name;
    const PARAMETERS: Parameters = A::PARAMETERS;
    const RAW: RawOps = table::<A>();
    const FLAGS: u32 = A::OPS.flags.bits();
    const CALLBACKS: &'static [Option<Callback>] = {
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
            u8 = "u8";
            u32 = "u32";
            i32 = "int";
            RawEvent = "enum tcp_ca_event";
            *const RawAckSample = "const struct ack_sample *";
            *const RawRateSample = "const struct rate_sample *";
        }

        /// Describes each member.
        macro_rules! callbacks {
            (@returns) => {
                "void"
            };
            (@returns $ret:ty) => {
                <$ret as InC>::NAME
            };
            (
                [$($callback:ident($($arg:ident: $raw:ty),*) $(-> $ret:ty)?;)*]
                [$($other:ident $args:tt -> $other_ret:ty;)*]
            ) => {
                &[
                    $(if Self::RAW.$callback.is_some() {
                        Some(Callback {
                            name: stringify!($callback),
                            prototype: Some((
                                &[$((stringify!($arg), <$raw as InC>::NAME)),*],
                                callbacks!(@returns $($ret)?),
                            )),
                        })
                    } else {
                        None
                    },)*
                    $(if Self::RAW.$other.is_some() {
                        Some(Callback {
                            name: stringify!($other),
                            prototype: None,
                        })
                    } else {
                        None
                    },)*
                ]
            };
        }
        backend::raw_tcp_congestion_ops!(callbacks)
    };
}

/// `name` as the table's member wants it.
const fn c_name(name: &str) -> [u8; Target::NAME_MAX + 1] {
    let bytes = name.as_bytes();
    assert!(
        !bytes.is_empty() && bytes.len() <= Target::NAME_MAX,
        "the name of a congestion control has 1 to 15 bytes: choose a shorter one"
    );
    let mut c_name = [0; Target::NAME_MAX + 1];
    let mut i = 0;
    while i < bytes.len() {
        assert!(
            bytes[i].is_ascii_alphanumeric() || bytes[i] == b'_' || bytes[i] == b'-',
            "the name of a congestion control is made of ASCII letters, digits, '_' and '-'"
        );
        c_name[i] = bytes[i];
        i += 1;
    }
    c_name
}

/// An argument of a callback, made of what the kernel passes.
trait Argument<Raw> {
    /// Takes over `raw`.
    ///
    /// # Safety
    ///
    /// A pointer must be valid for reads, aligned or not, while the argument is in use.
    unsafe fn from_raw(raw: Raw) -> Self;
}

impl<Raw, T: FromKernel<Raw>> Argument<Raw> for T {
    #[inline(always)]
    unsafe fn from_raw(raw: Raw) -> Self {
        T::from_kernel(raw)
    }
}

/// Implements [`Argument`] for samples.
macro_rules! samples {
    ($($raw:ty => $sample:ident;)*) => { $(
        impl Argument<*const $raw> for &$sample {
            #[inline(always)]
            unsafe fn from_raw(raw: *const $raw) -> Self {
                // SAFETY: By this function's contract.
                unsafe { $sample::from_raw(raw) }
            }
        }
    )* };
}

samples! {
    RawAckSample => AckSample;
    RawRateSample => RateSample;
}

/// Calls an algorithm's callback as the context of its socket asks.
macro_rules! call {
    (Locked, $callback:ident($sk:ident $(, $arg:expr)*)) => {{
        // SAFETY: By the contract of the member.
        let (sk, ca) = unsafe { split($sk) };
        $callback(sk, ca $(, $arg)*)
    }};
    ($context:ident, $callback:ident($sk:ident $(, $arg:expr)*)) => {
        // SAFETY: By the contract of the member, which is one that gets this context (contract 19).
        $callback(unsafe { Sock::from_raw($sk) } $(, $arg)*)
    };
}

/// Generates a member of the table: it turns what the kernel passes into the algorithm's arguments,
/// and its result into what the kernel takes.
macro_rules! member {
    (
        $context:ident $name:ident<$algorithm:ident>($($arg:ident: $raw:ty),*)
            $(-> $ret:ty $([$range:expr])?)? = $callback:expr
    ) => {
        backend::called_by_c! {
            /// The table's member of this name.
            ///
            /// # Safety
            ///
            /// - `sk` is a valid, full TCP socket, whose lock is held by the caller (contract 5).
            /// - No reference to its `icsk_ca_priv` is in use (contract 19).
            /// - A sample is valid for reads, aligned or not, during the call.
            #[inline]
            pub unsafe fn $name<$algorithm: CongestionControl>(
                sk: *mut RawSock $(, $arg: $raw)*
            ) $(-> $ret)? {
                let Some(callback) = $callback else {
                    // The member is `NULL`.
                    return Default::default();
                };
                // SAFETY: By this function's contract.
                $(let $arg = unsafe { Argument::from_raw($arg) };)*
                let result = call!($context, callback(sk $(, $arg)*));
                $(let result = <$ret>::from(result) $(.clamp(*$range.start(), *$range.end()))?;)?
                result
            }
        }
    };
}

/// Generates all of them, but for `get_info`.
macro_rules! members {
    (
        required { $($(#[$r_doc:meta])* $r_ctx:ident $required:ident() -> $r_raw:ty as $r_ty:ty;)* }
        control { $(
            $(#[$c_doc:meta])*
            $variant:ident: $c_ctx:ident
                $control:ident($($c_arg:ident: $c_raw:ty as $c_ty:ty),* $(,)?);
        )* }
        optional { $(
            $(#[$o_doc:meta])*
            $o_ctx:ident $optional:ident($($o_arg:ident: $o_raw:ty as $o_ty:ty),*)
                $(-> $o_ret:ty as $o_ret_ty:ty [$o_range:expr])?;
        )* }
        get_info { $($get_info:tt)* }
    ) => {
        $(member! { $r_ctx $required<A>() -> $r_raw = (const { Some(A::OPS.$required) }) })*
        $(member! {
            $c_ctx $control<A>($($c_arg: $c_raw),*) = (const {
                match A::OPS.control {
                    Control::$variant(callback) => Some(callback),
                    _ => None,
                }
            })
        })*
        $(member! {
            $o_ctx $optional<A>($($o_arg: $o_raw),*) $(-> $o_ret [$o_range])?
                = (const { A::OPS.optional.$optional })
        })*
    };
}

backend::tcp_congestion_ops!(members);

backend::called_by_c! {
    /// The table's member of this name.
    ///
    /// # Safety
    ///
    /// - `sk` is a valid, full TCP socket; its lock need not be held (contract 4).
    /// - `attr` and `info` are valid for writes.
    #[inline]
    pub unsafe fn get_info<A: CongestionControl>(
        sk: *mut RawSock,
        ext: u32,
        attr: *mut i32,
        info: *mut RawCcInfo,
    ) -> usize {
        // SAFETY: By this function's contract.
        unsafe { answer::<A>(sk, ext, attr, info) }
    }
}

/// Asks `A` for its [`Info`], and answers the kernel.
///
/// # Safety
///
/// As for [`get_info`].
#[inline(always)]
unsafe fn answer<A: CongestionControl>(
    sk: *mut RawSock,
    ext: u32,
    attr: *mut i32,
    info: *mut RawCcInfo,
) -> usize {
    const VEGASINFO: u32 = 1 << (3 - 1);
    const DCTCPINFO: u32 = 1 << (9 - 1);
    const BBRINFO: u32 = 1 << (16 - 1);

    let Some(get_info) = (const { A::OPS.optional.get_info }) else {
        return 0;
    };
    if ext & (VEGASINFO | DCTCPINFO | BBRINFO) == 0 {
        return 0;
    }

    // SAFETY: By this function's contract.
    let (sk, ca) = unsafe { (&*Sock::<Unlocked>::from_raw(sk), snapshot::<A>(sk)) };
    // `ss` asks with VEGASINFO for whatever the algorithm has.
    // SAFETY: By this function's contract.
    unsafe {
        let answer = get_info(sk, &ca);
        let asked_by = match answer {
            Info::Vegas(_) => VEGASINFO,
            Info::Dctcp(_) => VEGASINFO | DCTCPINFO,
            Info::Bbr(_) => VEGASINFO | BBRINFO,
        };
        if ext & asked_by == 0 {
            return 0;
        }
        Target::put_info(attr, info, answer)
    }
}

/// A copy of the state, made while another callback may write to it: each word is read once
/// (`READ_ONCE()`), and two of them may be from before and after a change (contract 4).
///
/// # Safety
///
/// `sk` must be a valid, full TCP socket.
#[inline(always)]
unsafe fn snapshot<A: CongestionControl>(sk: *mut RawSock) -> A::State {
    const { state::assert_fits::<A::State>() };
    // SAFETY: By this function's contract.
    let priv_words: *const Word = unsafe { Target::ca_priv(sk) }.cast();
    let mut words = [const { Word::uninit() }; Target::CA_PRIV_SIZE / size_of::<u64>()];
    for (i, word) in words[..const { size_of::<A::State>().div_ceil(size_of::<u64>()) }]
        .iter_mut()
        .enumerate()
    {
        // SAFETY: Inside of `icsk_ca_priv`, which has room for the state, and aligned.
        *word = unsafe { priv_words.add(i).read_volatile() };
    }
    // SAFETY: So many words have all bytes of the state, of which any are a valid one. Holes
    // between its fields hold nothing.
    unsafe { words.as_ptr().cast::<A::State>().read() }
}

/// A word of a state, which may have holes.
type Word = core::mem::MaybeUninit<u64>;
