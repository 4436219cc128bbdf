// SPDX-License-Identifier: GPL-2.0-only

//! A BPF program as the world that an algorithm runs in.
//!
//! Offers what `kernel.rs` beside this file offers. A socket is opaque here: each function below is
//! C, compiled with the kernel's types (`rust/bpf/glue.h`, and what `scripts/build-bpf` writes for
//! `schema.rs`), so that whoever loads the object moves the accesses to where the running kernel
//! has the fields. They are inlined into the callbacks.
//!
//! What a BPF program cannot do is called `no_...`; it does nothing, and the build says so of every
//! algorithm that uses it.
//!
//! # Contract
//!
//! A function that takes `sk: *mut RawSock` wants the pointer that the program was called with, a
//! function that takes a sample likewise; the verifier refuses any other.

#![no_std]

use core::{
    cell::UnsafeCell,
    marker::{
        PhantomData,
        PhantomPinned, //
    },
    sync::atomic::Ordering, //
};

#[macro_use]
#[path = "../tcp_cc/schema.rs"]
mod schema;

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

/// Generates what parameters are kept in.
///
/// They are globals of the object, which root may write to from outside at any time, as to those of
/// a module. BPF has no 32-bit atomics; a load or store of an aligned word is one instruction.
macro_rules! constants {
    ($($(#[$doc:meta])* $name:ident($ty:ty);)*) => { $(
        $(#[$doc])*
        #[repr(transparent)]
        pub struct $name(UnsafeCell<$ty>);

        // SAFETY: It is read and written with single instructions.
        unsafe impl Sync for $name {}

        impl $name {
            /// Keeps `value`.
            pub const fn new(value: $ty) -> Self {
                Self(UnsafeCell::new(value))
            }

            /// The value.
            #[inline(always)]
            pub fn load(&self, _: Ordering) -> $ty {
                // SAFETY: It is there, and aligned. Volatile, since what is compiled in is only the
                // value until somebody sets another.
                unsafe { self.0.get().read_volatile() }
            }

            /// Sets the value: what is derived, when the object is loaded.
            #[inline(always)]
            pub fn store(&self, value: $ty, _: Ordering) {
                // SAFETY: As above.
                unsafe { self.0.get().write_volatile(value) }
            }
        }
    )* };
}

constants! {
    /// A parameter.
    AtomicU32(u32);
    /// What is derived from parameters.
    AtomicU64(u64);
}

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
                /// `sk` is a socket as the crate's contract has it.
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

/// Whether [`hz`] is known to the compiler.
pub const HZ_IS_FIXED: bool = false;

// SAFETY: These take no pointer, and may be called anywhere.
unsafe extern "C" {
    /// Ticks of the jiffies clock in a second, of the running kernel.
    pub safe fn hz() -> u32;

    /// Room that the kernel keeps for headers in front of TCP's data, in bytes: that of the kernel
    /// that the object was built for, unless who loads it sets that of the running one.
    pub safe fn max_tcp_header() -> u32;

    /// `tcp_jiffies32`.
    pub safe fn jiffies32() -> u32;

    /// A random number.
    pub safe fn random_u32() -> u32;

    /// What cannot be done: see the functions below that are named so.
    safe fn no_ecn_dontxmit();
    safe fn no_plb();
    safe fn no_add_stats();
}

extern "C" {
    /// The private state of the algorithm, `inet_csk_ca()`: [`CA_PRIV_SIZE`] bytes, aligned to 8.
    pub fn ca_priv(sk: *mut RawSock) -> *mut u8;

    /// Whether the window was what limited sending in the last RTT.
    pub fn cwnd_limited(sk: *mut RawSock) -> bool;

    /// The congestion state, `enum tcp_ca_state`.
    pub fn ca_state(sk: *mut RawSock) -> u8;

    /// Sets the pacing rate.
    pub fn set_sk_pacing_rate(sk: *mut RawSock, rate: u64);

    /// Has TCP pace this socket if nothing does. Not atomic, unlike the kernel's.
    pub fn request_pacing(sk: *mut RawSock);

    /// `tcp_slow_start()`: returns what is left of `acked`.
    pub fn slow_start(sk: *mut RawSock, acked: u32) -> u32;

    /// `tcp_cong_avoid_ai()`. `w` is not 0.
    pub fn cong_avoid_ai(sk: *mut RawSock, w: u32, acked: u32);

    /// `tcp_reno_cong_avoid()`.
    pub fn reno_cong_avoid(sk: *mut RawSock, acked: u32);

    /// Sends an ACK of everything before `rcv_nxt` (`bpf_tcp_send_ack()`).
    pub fn send_ack(sk: *mut RawSock, rcv_nxt: u32);

    /// Has the kernel's Reno take over the socket (`bpf_setsockopt(TCP_CONGESTION)`). Says whether
    /// it did.
    fn fall_back_to_reno(sk: *mut RawSock) -> bool;
}

/// Bytes of private state that a socket has room for (`ICSK_CA_PRIV_SIZE`). The glue asserts it.
pub const CA_PRIV_SIZE: usize = 104;

/// Longest name of an algorithm, in bytes, without the terminating NUL.
pub const NAME_MAX: usize = 15;

/// Bits of `ecn_flags` that say that ECN was negotiated (`TCP_ECN_MODE_ANY`).
pub const ECN_MODE_ANY: u8 = (1 << 0) | (1 << 4);

/// `enum tcp_ca_event`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct RawEvent(u32);

/// The number of an event.
#[inline(always)]
pub const fn event_number(event: RawEvent) -> u32 {
    event.0
}

define_raw_ops! {
    /// The table of an algorithm. Only which members it has is of use here: C cannot be handed a
    /// Rust table, so the one in the object is C, and its programs call the functions that
    /// `rust/bpf/lib.rs` generates.
    "C"
}

/// Has the kernel's Reno take over, whatever `ops` is: a program can only name a table, and one
/// that is fallen back to is not registered. Says whether it did.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it, and the program is `init`.
#[inline(always)]
pub unsafe fn replace_ops(sk: *mut RawSock, _ops: &'static RawOps) -> bool {
    // SAFETY: As this function's contract says.
    unsafe { fall_back_to_reno(sk) }
}

/// Does nothing: the kernel itself clears it after `init`, if the table does not need ECN.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it.
#[inline(always)]
pub unsafe fn ecn_dontxmit(_sk: *mut RawSock) {
    no_ecn_dontxmit()
}

/// `struct tcp_plb_state`.
#[derive(Clone, Copy, Default)]
#[repr(C)]
#[expect(missing_docs, reason = "the members' names are the kernel's")]
pub struct RawPlb {
    pub consec_cong_rounds: u8,
    pub pause_until: u32,
}

/// `tcp_plb_init()`.
#[inline(always)]
pub fn plb_init(plb: &mut RawPlb) {
    // A bit-field of five bits.
    plb.consec_cong_rounds &= 0xe0;
    plb.pause_until = 0;
}

/// Does nothing.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it.
#[inline(always)]
pub unsafe fn plb_update_state(_sk: *mut RawSock, _plb: &mut RawPlb, _cong_ratio: i32) {
    no_plb()
}

/// Does nothing.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it.
#[inline(always)]
pub unsafe fn plb_check_rehash(_sk: *mut RawSock, _plb: &mut RawPlb) {
    no_plb()
}

/// Does nothing.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it.
#[inline(always)]
pub unsafe fn plb_update_state_upon_rto(_sk: *mut RawSock, _plb: &mut RawPlb) {
    no_plb()
}

/// A counter of the socket's network namespace, in `/proc/net/netstat`.
#[derive(Clone, Copy)]
pub enum Mib {
    /// `TCPHystartTrainDetect`
    HystartTrainDetect,
    /// `TCPHystartTrainCwnd`
    HystartTrainCwnd,
    /// `TCPHystartDelayDetect`
    HystartDelayDetect,
    /// `TCPHystartDelayCwnd`
    HystartDelayCwnd,
}

/// Does nothing.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it.
#[inline(always)]
pub unsafe fn add_stats(_sk: *mut RawSock, _mib: Mib, _value: u32) {
    no_add_stats()
}

/// Answers nothing: BPF has no `get_info`.
///
/// # Safety
///
/// None.
#[inline(always)]
pub unsafe fn put_vegas_info(_attr: *mut i32, _info: *mut RawCcInfo, _vegas: [u32; 4]) -> usize {
    0
}

/// Answers nothing: BPF has no `get_info`.
///
/// # Safety
///
/// None.
#[inline(always)]
pub unsafe fn put_dctcp_info(
    _attr: *mut i32,
    _info: *mut RawCcInfo,
    _halves: [u16; 2],
    _words: [u32; 3],
) -> usize {
    0
}

/// Answers nothing: BPF has no `get_info`.
///
/// # Safety
///
/// None.
#[inline(always)]
pub unsafe fn put_bbr_info(
    _attr: *mut i32,
    _info: *mut RawCcInfo,
    _bw: u64,
    _words: [u32; 3],
) -> usize {
    0
}
