// SPDX-License-Identifier: GPL-2.0-only

//! The kernel as a target: a socket is a `struct tcp_sock`, and a field is a field.
//!
//! [`Interface`] has the contract.

#![no_std]

use core::{
    mem::{
        offset_of,
        MaybeUninit, //
    },
    ptr::{
        addr_of,
        addr_of_mut, //
    },
};
use ferrops_bindings as bindings;
use ferrops_ops::{
    OpsTable,
    THIS_MODULE, //
};

mod interface;
#[macro_use]
#[path = "../schema.rs"]
mod schema;

pub use interface::*;

/// A socket: `struct sock`, which begins a `struct tcp_sock`.
pub type RawSock = bindings::sock;

/// All of it: `struct tcp_sock`.
pub type TcpSock = bindings::tcp_sock;

/// `struct ack_sample`.
pub type RawAckSample = bindings::ack_sample;

/// `struct rate_sample`.
pub type RawRateSample = bindings::rate_sample;

/// `enum tcp_ca_event`.
pub type RawEvent = bindings::tcp_ca_event;

/// `union tcp_cc_info`.
pub type RawCcInfo = bindings::tcp_cc_info;

/// `struct tcp_plb_state`.
pub type RawPlb = bindings::tcp_plb_state;

/// The table, `struct tcp_congestion_ops`.
pub type RawOps = bindings::tcp_congestion_ops;

/// A table without callbacks, of this module.
const NO_OPS: RawOps = RawOps {
    owner: THIS_MODULE,
    // SAFETY: `NULL` pointers, no name, no flags.
    ..unsafe { core::mem::zeroed() }
};

// The casts below rely on each struct beginning with the next.
const _: () = {
    assert!(offset_of!(bindings::tcp_sock, inet_conn) == 0);
    assert!(offset_of!(bindings::inet_connection_sock, icsk_inet) == 0);
    assert!(offset_of!(bindings::inet_sock, sk) == 0);
};

/// Bytes of private state that a socket has room for (`ICSK_CA_PRIV_SIZE`).
const CA_PRIV_SIZE: usize = {
    const fn size_of_pointee<T>(_: *const T) -> usize {
        core::mem::size_of::<T>()
    }
    let icsk = MaybeUninit::<bindings::inet_connection_sock>::uninit();
    // SAFETY: This only computes an address inside `icsk`.
    size_of_pointee(unsafe { addr_of!((*icsk.as_ptr()).icsk_ca_priv) })
};

/// Longest name of an algorithm, in bytes, without the terminating NUL.
const NAME_MAX: usize = bindings::TCP_CA_NAME_MAX as usize - 1;

// The numbers that `tcp_cc` has names for.
const _: () = {
    assert!(bindings::FERROPS_CONG_NON_RESTRICTED == 1 << 0);
    assert!(bindings::FERROPS_CONG_NEEDS_ECN == 1 << 1);
    assert!(bindings::tcp_ca_state_TCP_CA_Loss == 4);
    assert!(bindings::tcp_ca_ack_event_flags_CA_ACK_ECE == 1 << 2);
    assert!(bindings::tcp_ca_event::CA_EVENT_ECN_IS_CE.0 == 5);
    assert!(bindings::FERROPS_ICSK_ACK_TIMER == 2);
    assert!(bindings::FERROPS_ICSK_ACK_NOW == 16);
    assert!(bindings::FERROPS_ECN_DEMAND_CWR == 1 << 2);
    assert!(bindings::sk_pacing_SK_PACING_NONE == 0);
    assert!(bindings::sk_pacing_SK_PACING_NEEDED == 1);
};

/// The address of a member of one of the structs that a socket begins with.
macro_rules! address {
    ($sk:ident, $struct:ident, [$($member:tt)+]) => {
        addr_of_mut!((*$sk.cast::<bindings::$struct>()).$($member)+)
    };
}

/// Reads a field of a locked socket: once, if others may write to it all the same.
macro_rules! read {
    ($address:expr) => {
        $address.read()
    };
    ($address:expr, shared) => {
        $address.read_volatile()
    };
}

/// Generates getters (and setters) for the fields of a socket.
macro_rules! sock_accessors {
    ($(
        $(#[$doc:meta])*
        $get:ident $(/ $set:ident)?: $ty:ty $(as $quantity:ty)?
            = $struct:ident, $member:tt $(, $shared:ident)?;
    )*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            ///
            /// `sk` is a socket as the contract of [`Interface`] has it.
            #[allow(clippy::unnecessary_cast, reason = "some are wider here than in C")]
            #[inline]
            pub unsafe fn $get(sk: *mut RawSock) -> $ty {
                // SAFETY: A valid TCP socket, by the contract of this function.
                (unsafe { read!(address!(sk, $struct, $member) $(, $shared)?) }) as $ty
            }

            $(
                /// Sets what the getter beside it reads (`WRITE_ONCE()`).
                ///
                /// # Safety
                ///
                /// `sk` is a socket as the contract of [`Interface`] has it.
                #[inline]
                pub unsafe fn $set(sk: *mut RawSock, value: $ty) {
                    // SAFETY: A valid TCP socket that the caller owns, by this function's contract.
                    unsafe { address!(sk, $struct, $member).write_volatile(value) }
                }
            )?
        )*

        /// The same getters for a socket that somebody else may write to (`READ_ONCE()`).
        pub mod once {
            use super::*;

            $(
                $(#[$doc])*
                ///
                /// # Safety
                ///
                /// `sk` is a valid, full TCP socket.
                #[allow(clippy::unnecessary_cast, reason = "some are wider here than in C")]
                #[inline]
                pub unsafe fn $get(sk: *const RawSock) -> $ty {
                    let sk = sk.cast_mut();
                    // SAFETY: A valid TCP socket, by the contract of this function.
                    (unsafe { address!(sk, $struct, $member).read_volatile() }) as $ty
                }
            )*
        }
    };
}

sock_fields!(sock_accessors);

/// Makes a [`SockField`]: the member of a struct that begins a socket.
#[doc(hidden)]
#[macro_export]
macro_rules! sock_field {
    ($struct:ident $(. $member:ident $([$index:literal])?)+ : $ty:ident) => {{
        struct Field;

        // SAFETY: It reads an integer of the struct that a socket begins with.
        unsafe impl $crate::SockField for Field {
            type Value = $ty;

            #[inline(always)]
            unsafe fn read(sk: *mut $crate::RawSock) -> $ty {
                const fn assert_integer<T: $crate::FieldValue>() {}
                const { assert_integer::<$ty>() };
                let sk: *const $crate::__bindings::$struct = sk.cast();
                // SAFETY: A valid socket, by the contract of the trait.
                unsafe {
                    let field: *const $ty = &raw const (*sk)$(.$member $([$index])?)+;
                    field.read_volatile()
                }
            }
        }

        Field
    }};
}

/// What [`sock_field!`] needs.
#[doc(hidden)]
pub mod __bindings {
    pub use ferrops_bindings::{
        inet_connection_sock,
        inet_sock,
        sock,
        tcp_sock, //
    };
}

/// Reads a member of a sample (`READ_ONCE()`).
///
/// A kfunc's sample may be any bytes of a BPF program's: at any address, and written to meanwhile.
///
/// # Safety
///
/// `member` is valid for reads, aligned or not, and any bytes are a `T`.
#[inline(always)]
unsafe fn read_member<T: Copy>(member: *const T) -> T {
    #[derive(Clone, Copy)]
    #[repr(C, packed)]
    struct Unaligned<T>(T);

    // SAFETY: By the contract of this function; `Unaligned` needs no alignment.
    unsafe { member.cast::<Unaligned<T>>().read_volatile() }.0
}

/// A member of a sample. Not every byte is a `bool`.
macro_rules! member {
    ($sample:ident, $member:ident, bool) => {
        // SAFETY: A byte of a valid sample, by the contract of the getter.
        (unsafe { read_member(addr_of!((*$sample).$member).cast::<u8>()) }) != 0
    };
    ($sample:ident, $member:ident, $ty:ident) => {
        // SAFETY: An integer of a valid sample, by the contract of the getter.
        (unsafe { read_member(addr_of!((*$sample).$member)) }) as $ty
    };
}

/// Generates getters for the fields of a sample.
macro_rules! sample_accessors {
    ($raw:ident: $(
        $(#[$doc:meta])*
        $get:ident: $ty:ident $(as $quantity:ty)? = $member:ident;
    )*) => { $(
        $(#[$doc])*
        ///
        /// # Safety
        ///
        /// `sample` is valid for reads, aligned or not.
        #[allow(clippy::unnecessary_cast, reason = "some are wider here than in C")]
        #[inline]
        pub unsafe fn $get(sample: *const $raw) -> $ty {
            member!(sample, $member, $ty)
        }
    )* };
}

/// Getters of an [`RawAckSample`].
macro_rules! ack_sample_accessors {
    ($($fields:tt)*) => { sample_accessors! { RawAckSample: $($fields)* } };
}
ack_sample_fields!(ack_sample_accessors);

/// Getters of a [`RawRateSample`].
macro_rules! rate_sample_accessors {
    ($($fields:tt)*) => { sample_accessors! { RawRateSample: $($fields)* } };
}
rate_sample_fields!(rate_sample_accessors);

/// Gives a function the ABI of the table's members.
#[macro_export]
macro_rules! called_by_c {
    ($(#[$attr:meta])* pub unsafe fn $($function:tt)*) => {
        $(#[$attr])* pub unsafe extern "C" fn $($function)*
    };
}

/// The table, `struct tcp_congestion_ops`, as one that modules register.
pub enum TcpCongestionOps {}

// SAFETY: A socket holds a reference to the module of the table that it uses, and a network
// namespace to that of its default; neither finds a table that is unregistered.
unsafe impl OpsTable for TcpCongestionOps {
    type Raw = RawOps;

    const C_NAME: &'static str = "tcp_congestion_ops";
    const ALIAS: &'static str = "tcp_";

    #[inline]
    unsafe fn register(table: *mut RawOps) -> i32 {
        // SAFETY: By this function's contract.
        unsafe { bindings::tcp_register_congestion_control(table) }
    }

    #[inline]
    unsafe fn unregister(table: *mut RawOps) {
        // SAFETY: By this function's contract.
        unsafe { bindings::tcp_unregister_congestion_control(table) }
    }
}

/// This target.
pub enum Target {}

// SAFETY: As each function says.
unsafe impl Interface for Target {
    const CA_PRIV_SIZE: usize = CA_PRIV_SIZE;
    const NAME_MAX: usize = NAME_MAX;
    const ECN_MODE_ANY: u8 = bindings::FERROPS_ECN_MODE_ANY as u8;
    const NO_OPS: RawOps = NO_OPS;
    const RENO_CONG_AVOID: Option<unsafe fn(*mut RawSock, u32)> = None;

    /// `CONFIG_HZ` and not `HZ`: of the two macros of that name bindgen sees user space's, which
    /// is 100.
    #[inline(always)]
    fn hz() -> u32 {
        bindings::CONFIG_HZ
    }

    #[inline(always)]
    fn max_tcp_header() -> u32 {
        bindings::FERROPS_MAX_TCP_HEADER
    }

    #[inline]
    unsafe fn ca_priv(sk: *mut RawSock) -> *mut u8 {
        // SAFETY: This only computes an address inside a valid socket.
        unsafe { addr_of_mut!((*sk.cast::<bindings::inet_connection_sock>()).icsk_ca_priv).cast() }
    }

    #[inline]
    fn jiffies() -> u64 {
        const { assert!(usize::BITS == 64, "`jiffies` is half of the clock") };
        // SAFETY: `jiffies` is always valid; the timer interrupt writes to it, hence volatile.
        (unsafe { addr_of!(bindings::jiffies).read_volatile() }) as u64
    }

    #[inline]
    fn random_u32() -> u32 {
        // SAFETY: May be called anywhere.
        unsafe { bindings::get_random_u32() }
    }

    #[inline]
    unsafe fn cwnd_limited(sk: *mut RawSock) -> bool {
        // SAFETY: A valid TCP socket, by the contract of this function.
        unsafe { bindings::tcp_sock::is_cwnd_limited_raw(sk.cast()) != 0 }
    }

    #[inline]
    unsafe fn ca_state(sk: *mut RawSock) -> u8 {
        // SAFETY: A valid TCP socket, by the contract of this function.
        unsafe { bindings::inet_connection_sock::icsk_ca_state_raw(sk.cast()) }
    }

    #[inline]
    unsafe fn tcp_usec_ts(sk: *mut RawSock) -> bool {
        // SAFETY: A valid TCP socket, by the contract of this function.
        unsafe { bindings::tcp_sock::tcp_usec_ts_raw(sk.cast()) != 0 }
    }

    #[inline]
    unsafe fn saw_tstamp(sk: *mut RawSock) -> bool {
        // SAFETY: A valid TCP socket, by the contract of this function.
        unsafe {
            let options = addr_of!((*sk.cast::<TcpSock>()).rx_opt);
            bindings::tcp_options_received::saw_tstamp_raw(options) != 0
        }
    }

    #[inline]
    unsafe fn set_snd_cwnd_clamp(sk: *mut RawSock, clamp: u32) {
        // SAFETY: A valid TCP socket that the caller owns, by the contract of this function.
        unsafe { addr_of_mut!((*sk.cast::<TcpSock>()).snd_cwnd_clamp).write(clamp) }
    }

    #[inline]
    unsafe fn base_rtt(sk: *mut RawSock) -> i32 {
        // SAFETY: As this function's contract says.
        unsafe { bindings::ferrops_base_rtt(sk) }
    }

    #[inline]
    unsafe fn set_sk_pacing_rate(sk: *mut RawSock, rate: u64) {
        let rate = usize::try_from(rate).unwrap_or(usize::MAX);
        // SAFETY: A valid socket that the caller owns, by the contract of this function.
        unsafe { addr_of_mut!((*sk).sk_pacing_rate).write_volatile(rate) }
    }

    #[inline]
    unsafe fn request_pacing(sk: *mut RawSock) {
        use core::sync::atomic::{
            AtomicU32,
            Ordering, //
        };
        // SAFETY: A valid socket, by the contract of this function; the `fq` qdisc, which does not
        // hold its lock, writes to the member with `cmpxchg()` or `WRITE_ONCE()` only.
        let status = unsafe { AtomicU32::from_ptr(addr_of_mut!((*sk).sk_pacing_status)) };
        // What it was before does not matter.
        let _ = status.compare_exchange(
            bindings::sk_pacing_SK_PACING_NONE,
            bindings::sk_pacing_SK_PACING_NEEDED,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
    }

    #[inline]
    unsafe fn slow_start(sk: *mut RawSock, acked: u32) -> u32 {
        // SAFETY: As this function's contract says.
        unsafe { bindings::tcp_slow_start(sk.cast(), acked) }
    }

    #[inline]
    unsafe fn cong_avoid_ai(sk: *mut RawSock, w: u32, acked: u32) {
        // SAFETY: As this function's contract says.
        unsafe { bindings::tcp_cong_avoid_ai(sk.cast(), w, acked) }
    }

    #[inline]
    unsafe fn send_ack(sk: *mut RawSock, rcv_nxt: u32) {
        // SAFETY: As this function's contract says.
        unsafe { bindings::ferrops_send_ack(sk, rcv_nxt) }
    }

    #[inline]
    unsafe fn ecn_dontxmit(sk: *mut RawSock) {
        // SAFETY: As this function's contract says.
        unsafe { bindings::ferrops_ecn_dontxmit(sk) }
    }

    #[inline]
    unsafe fn replace_ops(sk: *mut RawSock, ops: &'static RawOps) -> bool {
        let icsk = sk.cast::<bindings::inet_connection_sock>();
        // SAFETY: A valid socket, by the contract of this function, and so its table is valid.
        let owner = unsafe { (*(*icsk).icsk_ca_ops).owner };
        // The socket holds a reference to the owner of its table, and will drop that of the new
        // one. A BPF program that calls the callback as a kfunc has sockets of other owners.
        if owner != ops.owner {
            return false;
        }
        // SAFETY: A valid socket that the caller owns; `inet_diag` reads the member under RCU.
        unsafe { addr_of_mut!((*icsk).icsk_ca_ops).write_volatile(ops) };
        true
    }

    #[inline]
    fn plb_init(plb: &mut RawPlb) {
        plb.set_consec_cong_rounds(0);
        plb.pause_until = 0;
    }

    #[inline]
    unsafe fn plb_update_state(sk: *mut RawSock, plb: &mut RawPlb, cong_ratio: i32) {
        // SAFETY: As this function's contract says.
        unsafe { bindings::tcp_plb_update_state(sk, plb, cong_ratio) }
    }

    #[inline]
    unsafe fn plb_check_rehash(sk: *mut RawSock, plb: &mut RawPlb) {
        // SAFETY: As this function's contract says.
        unsafe { bindings::tcp_plb_check_rehash(sk, plb) }
    }

    #[inline]
    unsafe fn plb_update_state_upon_rto(sk: *mut RawSock, plb: &mut RawPlb) {
        // SAFETY: As this function's contract says.
        unsafe { bindings::tcp_plb_update_state_upon_rto(sk, plb) }
    }

    #[inline]
    unsafe fn add_stats(sk: *mut RawSock, mib: Mib, value: u32) {
        let mib = match mib {
            Mib::HystartTrainDetect => bindings::LINUX_MIB_TCPHYSTARTTRAINDETECT,
            Mib::HystartTrainCwnd => bindings::LINUX_MIB_TCPHYSTARTTRAINCWND,
            Mib::HystartDelayDetect => bindings::LINUX_MIB_TCPHYSTARTDELAYDETECT,
            Mib::HystartDelayCwnd => bindings::LINUX_MIB_TCPHYSTARTDELAYCWND,
        };
        // SAFETY: A valid socket, by the contract of this function, and a valid index.
        unsafe { bindings::ferrops_net_add_stats(sk, mib, value) }
    }

    #[inline]
    unsafe fn put_info(attr: *mut i32, info: *mut RawCcInfo, answer: Info) -> usize {
        // SAFETY: By the contract of this function.
        unsafe {
            match answer {
                Info::Vegas(vegas) => {
                    attr.write(bindings::INET_DIAG_VEGASINFO as i32);
                    addr_of_mut!((*info).vegas).write(bindings::tcpvegas_info {
                        tcpv_enabled: vegas.enabled,
                        tcpv_rttcnt: vegas.rttcnt,
                        tcpv_rtt: vegas.rtt,
                        tcpv_minrtt: vegas.minrtt,
                    });
                    size_of::<bindings::tcpvegas_info>()
                }
                Info::Dctcp(dctcp) => {
                    attr.write(bindings::INET_DIAG_DCTCPINFO as i32);
                    addr_of_mut!((*info).dctcp).write(bindings::tcp_dctcp_info {
                        dctcp_enabled: dctcp.enabled.into(),
                        dctcp_ce_state: dctcp.ce_state,
                        dctcp_alpha: dctcp.alpha,
                        dctcp_ab_ecn: dctcp.ab_ecn,
                        dctcp_ab_tot: dctcp.ab_tot,
                    });
                    size_of::<bindings::tcp_dctcp_info>()
                }
                Info::Bbr(bbr) => {
                    attr.write(bindings::INET_DIAG_BBRINFO as i32);
                    addr_of_mut!((*info).bbr).write(bindings::tcp_bbr_info {
                        bbr_bw_lo: bbr.bw as u32,
                        bbr_bw_hi: (bbr.bw >> 32) as u32,
                        bbr_min_rtt: bbr.min_rtt,
                        bbr_pacing_gain: bbr.pacing_gain,
                        bbr_cwnd_gain: bbr.cwnd_gain,
                    });
                    size_of::<bindings::tcp_bbr_info>()
                }
            }
        }
    }
}
