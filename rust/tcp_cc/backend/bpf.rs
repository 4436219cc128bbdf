// SPDX-License-Identifier: GPL-2.0-only

//! A BPF program as a target.
//!
//! A socket is opaque here: each function of C below is compiled with the kernel's types (`bpf.h`
//! beside this file, and what `bpf_glue.py` writes for `schema.rs`), so that whoever loads
//! the object moves the accesses to where the running kernel has the fields. They are inlined into
//! the callbacks.
//!
//! A function that stands for what a BPF program cannot do is called `no_...`; it does nothing, and
//! the build says so of every algorithm that uses it.
//!
//! [`Interface`] has the contract.

#![no_std]

use core::marker::{
    PhantomData,
    PhantomPinned, //
};

mod interface;
#[macro_use]
#[path = "../schema.rs"]
mod schema;

pub use interface::*;

/// Generates types of which only the address is known here.
macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[repr(C)]
        pub struct $name {
            _data: [u8; 0],
            _marker: PhantomData<(*mut u8, PhantomPinned)>,
        }
    )* };
}

opaque! {
    /// `struct sock`, which begins a `struct tcp_sock`.
    RawSock;
    /// `struct ack_sample`
    RawAckSample;
    /// `struct rate_sample`
    RawRateSample;
    /// `union tcp_cc_info`
    RawCcInfo;
}

/// All of a socket: the verifier lets one pointer through for either.
pub type TcpSock = RawSock;

/// Declares getters (and setters) for the fields of a socket.
macro_rules! sock_accessors {
    ($(
        $(#[$doc:meta])*
        $get:ident $(/ $set:ident)?: $ty:ty $(as $quantity:ty)?
            = $struct:ident, $member:tt $(, $shared:ident)?;
    )*) => {
        extern "C" {
            $(
                $(#[$doc])*
                pub fn $get(sk: *mut RawSock) -> $ty;

                $(
                    /// Sets what the getter beside it reads (`WRITE_ONCE()`).
                    pub fn $set(sk: *mut RawSock, value: $ty);
                )?
            )*
        }

        /// The same getters, for `get_info`: which BPF does not have.
        pub mod once {
            use super::RawSock;

            $(
                $(#[$doc])*
                ///
                /// # Safety
                ///
                /// `sk` is a socket as the contract of [`Interface`] has it.
                #[inline]
                pub unsafe fn $get(sk: *const RawSock) -> $ty {
                    // SAFETY: By the contract of this function.
                    unsafe { super::$get(sk.cast_mut()) }
                }
            )*
        }
    };
}

sock_fields!(sock_accessors);

/// Makes a [`SockField`]: a function in C, which `scripts/bpf_glue.py` writes for its name.
#[doc(hidden)]
#[macro_export]
macro_rules! sock_field {
    ($struct:ident $(. $member:ident $([$index:literal])?)+ : $ty:ident) => {{
        extern "C" {
            #[link_name = concat!(
                "field.", stringify!($ty), ".", stringify!($struct)
                $(, ".", stringify!($member) $(, ".", $index)?)+
            )]
            fn field(sk: *mut $crate::RawSock) -> $ty;
        }

        struct Field;

        // SAFETY: It calls a function that reads an integer.
        unsafe impl $crate::SockField for Field {
            type Value = $ty;

            #[inline(always)]
            unsafe fn read(sk: *mut $crate::RawSock) -> $ty {
                const fn assert_integer<T: $crate::FieldValue>() {}
                const { assert_integer::<$ty>() };
                // SAFETY: A valid socket, by the contract of the trait.
                unsafe { field(sk) }
            }
        }

        Field
    }};
}

/// Declares getters for the fields of a sample.
macro_rules! sample_accessors {
    ($raw:ident: $(
        $(#[$doc:meta])*
        $get:ident: $ty:ident $(as $quantity:ty)? = $member:ident;
    )*) => {
        extern "C" { $(
            $(#[$doc])*
            pub fn $get(sample: *const $raw) -> $ty;
        )* }
    };
}

/// Getters of a [`RawAckSample`].
macro_rules! ack_sample_accessors {
    ($($fields:tt)*) => { sample_accessors! { RawAckSample: $($fields)* } };
}
ack_sample_fields!(ack_sample_accessors);

/// Getters of a [`RawRateSample`].
macro_rules! rate_sample_accessors {
    ($($fields:tt)*) => { sample_accessors! { RawRateSample: $($fields)* } };
}
rate_sample_fields!(rate_sample_accessors);

/// Functions in C.
mod c {
    use super::RawSock;

    // SAFETY: These take no pointer, and may be called anywhere.
    unsafe extern "C" {
        pub safe fn hz() -> u32;
        pub safe fn max_tcp_header() -> u32;
        pub safe fn jiffies() -> u64;
        pub safe fn random_u32() -> u32;
        pub safe fn no_ecn_dontxmit();
        pub safe fn no_plb();
        pub safe fn no_add_stats();
        pub safe fn no_base_rtt();
        pub safe fn no_snd_cwnd_clamp();
    }

    extern "C" {
        pub fn ca_priv(sk: *mut RawSock) -> *mut u8;
        pub fn cwnd_limited(sk: *mut RawSock) -> bool;
        pub fn ca_state(sk: *mut RawSock) -> u8;
        pub fn tcp_usec_ts(sk: *mut RawSock) -> bool;
        pub fn saw_tstamp(sk: *mut RawSock) -> bool;
        pub fn set_sk_pacing_rate(sk: *mut RawSock, rate: u64);
        pub fn request_pacing(sk: *mut RawSock);
        pub fn slow_start(sk: *mut RawSock, acked: u32) -> u32;
        pub fn cong_avoid_ai(sk: *mut RawSock, w: u32, acked: u32);
        pub fn reno_cong_avoid(sk: *mut RawSock, acked: u32);
        pub fn send_ack(sk: *mut RawSock, rcv_nxt: u32);
        pub fn fall_back_to_reno(sk: *mut RawSock) -> bool;
    }
}

/// Bytes of private state that a socket has room for (`ICSK_CA_PRIV_SIZE`). The glue asserts it.
const CA_PRIV_SIZE: usize = 104;

/// Longest name of an algorithm, in bytes, without the terminating NUL.
const NAME_MAX: usize = 15;

/// `enum tcp_ca_event`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct RawEvent(pub u32);

define_raw_ops! {
    /// The table of an algorithm. Only which members it has is of use here: C cannot be handed a
    /// Rust table, so the one in the object is C, and its programs call the functions that
    /// `rust/bpf/lib.rs` generates.
    "C"
}

/// `struct tcp_plb_state`.
#[derive(Clone, Copy, Default)]
#[repr(C)]
#[expect(missing_docs, reason = "the members' names are the kernel's")]
pub struct RawPlb {
    pub consec_cong_rounds: u8,
    pub pause_until: u32,
}

/// Gives a function the ABI of the table's members.
#[macro_export]
macro_rules! called_by_c {
    ($(#[$attr:meta])* pub unsafe fn $($function:tt)*) => {
        $(#[$attr])* pub unsafe extern "C" fn $($function)*
    };
}

/// Stands for the table, which C registers here.
pub enum TcpCongestionOps {}

/// This target.
pub enum Target {}

// SAFETY: As each function says; C in `bpf.h` and in what `bpf_glue.py` writes.
unsafe impl Interface for Target {
    const CA_PRIV_SIZE: usize = CA_PRIV_SIZE;
    const NAME_MAX: usize = NAME_MAX;
    const ECN_MODE_ANY: u8 = (1 << 0) | (1 << 4);
    const NO_OPS: RawOps = NO_OPS;
    const RENO_CONG_AVOID: Option<unsafe fn(*mut RawSock, u32)> = Some(|sk, acked| {
        // SAFETY: By the contract of this constant.
        unsafe { c::reno_cong_avoid(sk, acked) }
    });

    #[inline(always)]
    fn hz() -> u32 {
        c::hz()
    }

    /// The verifier knows HZ, and drops the code for any other: it pays to divide by constants.
    #[inline(always)]
    fn divide_by_hz(dividend: u64) -> u64 {
        match c::hz() {
            100 => dividend / 100,
            250 => dividend / 250,
            1000 => dividend / 1000,
            hz => dividend.checked_div(u64::from(hz)).unwrap_or(0),
        }
    }

    #[inline(always)]
    fn usecs_to_jiffies(usecs: u32) -> u64 {
        match c::hz() {
            100 => interface::ticks(usecs, 10_000, divided_by::<10_000>),
            250 => interface::ticks(usecs, 4_000, divided_by::<4_000>),
            1000 => interface::ticks(usecs, 1_000, divided_by::<1_000>),
            hz => {
                let usecs_per_tick = 1_000_000_u32.checked_div(hz).unwrap_or(1);
                interface::ticks(usecs, usecs_per_tick, |usecs| {
                    usecs.checked_div(usecs_per_tick).unwrap_or(0)
                })
            }
        }
    }

    /// That of the kernel that the object was built for, unless who loads it sets that of the
    /// running one.
    #[inline(always)]
    fn max_tcp_header() -> u32 {
        c::max_tcp_header()
    }

    #[inline(always)]
    fn jiffies() -> u64 {
        c::jiffies()
    }

    #[inline(always)]
    fn random_u32() -> u32 {
        c::random_u32()
    }

    #[inline(always)]
    unsafe fn ca_priv(sk: *mut RawSock) -> *mut u8 {
        // SAFETY: By the contract of this function.
        unsafe { c::ca_priv(sk) }
    }

    #[inline(always)]
    unsafe fn cwnd_limited(sk: *mut RawSock) -> bool {
        // SAFETY: By the contract of this function.
        unsafe { c::cwnd_limited(sk) }
    }

    #[inline(always)]
    unsafe fn ca_state(sk: *mut RawSock) -> u8 {
        // SAFETY: By the contract of this function.
        unsafe { c::ca_state(sk) }
    }

    #[inline(always)]
    unsafe fn tcp_usec_ts(sk: *mut RawSock) -> bool {
        // SAFETY: By the contract of this function.
        unsafe { c::tcp_usec_ts(sk) }
    }

    #[inline(always)]
    unsafe fn saw_tstamp(sk: *mut RawSock) -> bool {
        // SAFETY: By the contract of this function.
        unsafe { c::saw_tstamp(sk) }
    }

    #[inline(always)]
    unsafe fn set_snd_cwnd_clamp(_sk: *mut RawSock, _clamp: u32) {
        c::no_snd_cwnd_clamp()
    }

    #[inline(always)]
    unsafe fn base_rtt(_sk: *mut RawSock) -> i32 {
        c::no_base_rtt();
        0
    }

    #[inline(always)]
    unsafe fn set_sk_pacing_rate(sk: *mut RawSock, rate: u64) {
        // SAFETY: By the contract of this function.
        unsafe { c::set_sk_pacing_rate(sk, rate) }
    }

    #[inline(always)]
    unsafe fn request_pacing(sk: *mut RawSock) {
        // SAFETY: By the contract of this function.
        unsafe { c::request_pacing(sk) }
    }

    #[inline(always)]
    unsafe fn slow_start(sk: *mut RawSock, acked: u32) -> u32 {
        // SAFETY: By the contract of this function.
        unsafe { c::slow_start(sk, acked) }
    }

    #[inline(always)]
    unsafe fn cong_avoid_ai(sk: *mut RawSock, w: u32, acked: u32) {
        // SAFETY: By the contract of this function.
        unsafe { c::cong_avoid_ai(sk, w, acked) }
    }

    /// `bpf_tcp_send_ack()`
    #[inline(always)]
    unsafe fn send_ack(sk: *mut RawSock, rcv_nxt: u32) {
        // SAFETY: By the contract of this function.
        unsafe { c::send_ack(sk, rcv_nxt) }
    }

    #[inline(always)]
    unsafe fn ecn_dontxmit(_sk: *mut RawSock) {
        c::no_ecn_dontxmit()
    }

    /// `bpf_setsockopt(TCP_CONGESTION)`: a program can only name a table, and one that is fallen
    /// back to is not registered.
    #[inline(always)]
    unsafe fn replace_ops(sk: *mut RawSock, _ops: &'static RawOps) -> bool {
        // SAFETY: By the contract of this function.
        unsafe { c::fall_back_to_reno(sk) }
    }

    #[inline(always)]
    fn plb_init(plb: &mut RawPlb) {
        // A bit-field of five bits.
        plb.consec_cong_rounds &= 0xe0;
        plb.pause_until = 0;
    }

    #[inline(always)]
    unsafe fn plb_update_state(_sk: *mut RawSock, _plb: &mut RawPlb, _cong_ratio: i32) {
        c::no_plb()
    }

    #[inline(always)]
    unsafe fn plb_check_rehash(_sk: *mut RawSock, _plb: &mut RawPlb) {
        c::no_plb()
    }

    #[inline(always)]
    unsafe fn plb_update_state_upon_rto(_sk: *mut RawSock, _plb: &mut RawPlb) {
        c::no_plb()
    }

    #[inline(always)]
    unsafe fn add_stats(_sk: *mut RawSock, _mib: Mib, _value: u32) {
        c::no_add_stats()
    }

    #[inline(always)]
    unsafe fn put_info(_attr: *mut i32, _info: *mut RawCcInfo, _answer: Info) -> usize {
        0
    }
}

/// Returns `dividend / DIVISOR`. As a multiplication, which LLVM makes of it for every machine but
/// BPF: there a division takes a dozen instructions.
#[inline(always)]
const fn divided_by<const DIVISOR: u32>(dividend: u32) -> u32 {
    // 2^shift / DIVISOR, rounded up. Exact if what is rounded is little enough (Granlund and
    // Montgomery, "Division by Invariant Integers using Multiplication", theorem 4.2).
    let shift = const { 32 + DIVISOR.ilog2() };
    let reciprocal = const {
        let shift = 32 + DIVISOR.ilog2();
        let reciprocal = (1_u64 << shift).div_ceil(DIVISOR as u64);
        let error = reciprocal * DIVISOR as u64 - (1 << shift);
        assert!(reciprocal <= u32::MAX as u64 && error <= 1 << (shift - 32));
        reciprocal
    };
    ((dividend as u64 * reciprocal) >> shift) as u32
}
