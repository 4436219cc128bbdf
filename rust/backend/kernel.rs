// SPDX-License-Identifier: GPL-2.0-only

//! The kernel as the world that an algorithm runs in.
//!
//! The portable crate `tcp_cc` is built once for each world, on top of a crate of this name. Every
//! world offers the same items, so nothing in `tcp_cc` or in an algorithm depends on which one it
//! is. Here a socket is a `struct tcp_sock` and a field is a field; `host.rs` beside this file is
//! the world of unit tests.
//!
//! # Contract
//!
//! A function that takes `sk: *mut RawSock` wants a socket that its caller owns, in the sense of
//! the congestion control callbacks: valid, a full TCP socket (not a request or time-wait one), and
//! with its lock held so that nobody else writes to it. Fields that the kernel itself reads without
//! the lock are accessed as C does, with `READ_ONCE()` and `WRITE_ONCE()`.

#![no_std]

use core::ptr::{
    addr_of,
    addr_of_mut, //
};
use tcp_bindings as bindings;

/// A socket: `struct sock`, which begins a `struct tcp_sock`.
pub type RawSock = bindings::sock;

/// `struct ack_sample`.
pub type RawAckSample = bindings::ack_sample;

// The casts below rely on each struct beginning with the next.
const _: () = {
    assert!(core::mem::offset_of!(bindings::tcp_sock, inet_conn) == 0);
    assert!(core::mem::offset_of!(bindings::inet_connection_sock, icsk_inet) == 0);
    assert!(core::mem::offset_of!(bindings::inet_sock, sk) == 0);
};

/// Ticks of the jiffies clock in a second.
///
/// `CONFIG_HZ` and not `HZ`: of the two macros of that name bindgen sees user space's, which is
/// 100.
pub const HZ: u32 = bindings::CONFIG_HZ;

/// Bytes of private state that a socket has room for (`ICSK_CA_PRIV_SIZE`).
pub const CA_PRIV_SIZE: usize = {
    const fn size_of_pointee<T>(_: *const T) -> usize {
        core::mem::size_of::<T>()
    }
    let icsk = core::mem::MaybeUninit::<bindings::inet_connection_sock>::uninit();
    // SAFETY: This only computes an address inside `icsk`.
    size_of_pointee(unsafe { addr_of!((*icsk.as_ptr()).icsk_ca_priv) })
};

/// The private state of the algorithm, `inet_csk_ca()`: [`CA_PRIV_SIZE`] bytes, aligned to 8.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it.
#[inline]
pub unsafe fn ca_priv(sk: *mut RawSock) -> *mut u8 {
    // SAFETY: This only computes an address inside a valid socket.
    unsafe { addr_of_mut!((*sk.cast::<bindings::inet_connection_sock>()).icsk_ca_priv).cast() }
}

/// Longest name of an algorithm, in bytes, without the terminating NUL.
pub const NAME_MAX: usize = bindings::TCP_CA_NAME_MAX as usize - 1;

/// `tcp_jiffies32`.
#[inline]
pub fn jiffies32() -> u32 {
    // SAFETY: `jiffies` is always valid; the timer interrupt writes to it, hence volatile.
    (unsafe { addr_of!(bindings::jiffies).read_volatile() }) as u32
}

/// Generates a getter (and a setter) for a field of `struct tcp_sock`.
macro_rules! tcp_sock_field {
    ($(
        $(#[$doc:meta])*
        $get:ident $(/ $set:ident)? : $ty:ty = $field:ident, $read:ident $($write:ident)?;
    )*) => { $(
        $(#[$doc])*
        ///
        /// # Safety
        ///
        /// `sk` is a socket as the crate's contract has it.
        #[inline]
        pub unsafe fn $get(sk: *mut RawSock) -> $ty {
            // SAFETY: A valid TCP socket, by the contract of this function.
            unsafe { addr_of!((*sk.cast::<bindings::tcp_sock>()).$field).$read() }
        }

        $(
            /// Sets what the getter beside it reads.
            ///
            /// # Safety
            ///
            /// `sk` is a socket as the crate's contract has it.
            #[inline]
            pub unsafe fn $set(sk: *mut RawSock, value: $ty) {
                // SAFETY: A valid TCP socket that the caller owns, by this function's contract.
                unsafe { addr_of_mut!((*sk.cast::<bindings::tcp_sock>()).$field).$write(value) }
            }
        )?
    )* };
}

tcp_sock_field! {
    /// Sending congestion window, in packets.
    snd_cwnd / set_snd_cwnd: u32 = snd_cwnd, read write_volatile;
    /// Linear increase counter, in packets.
    snd_cwnd_cnt / set_snd_cwnd_cnt: u32 = snd_cwnd_cnt, read write;
    /// Slow start threshold, in packets.
    snd_ssthresh / set_snd_ssthresh: u32 = snd_ssthresh, read write_volatile;
    /// Upper bound of `snd_cwnd`, in packets.
    snd_cwnd_clamp: u32 = snd_cwnd_clamp, read;
    /// `snd_cwnd` before the last reduction, in packets.
    prior_cwnd: u32 = prior_cwnd, read;
    /// Most packets that were out in the last RTT.
    max_packets_out: u32 = max_packets_out, read;
    /// Next sequence number to send.
    snd_nxt: u32 = snd_nxt, read;
    /// First byte not yet acknowledged.
    snd_una: u32 = snd_una, read;
    /// Jiffies when data was last sent.
    lsndtime: u32 = lsndtime, read;
    /// Time of the most recent packet received or sent, in microseconds.
    tcp_mstamp: u64 = tcp_mstamp, read;
}

/// Whether the window was what limited sending in the last RTT.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it.
#[inline]
pub unsafe fn cwnd_limited(sk: *mut RawSock) -> bool {
    // SAFETY: A valid TCP socket, by the contract of this function.
    unsafe { bindings::tcp_sock::is_cwnd_limited_raw(sk.cast()) != 0 }
}

/// Pacing rate, in bytes per second; all ones for none.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it.
#[inline]
pub unsafe fn pacing_rate(sk: *mut RawSock) -> u64 {
    // SAFETY: A valid socket, by the contract of this function.
    unsafe { addr_of!((*sk).sk_pacing_rate).read_volatile() as u64 }
}

/// Whether anything paces this socket (`sk_pacing_status` is not `SK_PACING_NONE`).
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it.
#[inline]
pub unsafe fn is_paced(sk: *mut RawSock) -> bool {
    // SAFETY: A valid socket, by the contract of this function.
    let status = unsafe { addr_of!((*sk).sk_pacing_status).read() };
    status != bindings::sk_pacing_SK_PACING_NONE
}

/// Largest GSO packet of the route, in bytes.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it.
#[inline]
pub unsafe fn gso_max_size(sk: *mut RawSock) -> u32 {
    // SAFETY: A valid socket, by the contract of this function.
    unsafe { addr_of!((*sk).sk_gso_max_size).read() }
}

/// `tcp_slow_start()`: returns what is left of `acked`.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it, and `snd_cwnd < snd_ssthresh`.
#[inline]
pub unsafe fn slow_start(sk: *mut RawSock, acked: u32) -> u32 {
    // SAFETY: As this function's contract says.
    unsafe { bindings::tcp_slow_start(sk.cast(), acked) }
}

/// `tcp_cong_avoid_ai()`.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it, and `w` is not 0.
#[inline]
pub unsafe fn cong_avoid_ai(sk: *mut RawSock, w: u32, acked: u32) {
    // SAFETY: As this function's contract says.
    unsafe { bindings::tcp_cong_avoid_ai(sk.cast(), w, acked) }
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

/// `NET_ADD_STATS()`.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it.
#[inline]
pub unsafe fn add_stats(sk: *mut RawSock, mib: Mib, value: u32) {
    let mib = match mib {
        Mib::HystartTrainDetect => bindings::LINUX_MIB_TCPHYSTARTTRAINDETECT,
        Mib::HystartTrainCwnd => bindings::LINUX_MIB_TCPHYSTARTTRAINCWND,
        Mib::HystartDelayDetect => bindings::LINUX_MIB_TCPHYSTARTDELAYDETECT,
        Mib::HystartDelayCwnd => bindings::LINUX_MIB_TCPHYSTARTDELAYCWND,
    };
    // SAFETY: A valid socket, by the contract of this function, and a valid index.
    unsafe { bindings::ferrops_net_add_stats(sk, mib, value) }
}

/// Round trip time of an `ack_sample`, in microseconds; negative for none.
///
/// # Safety
///
/// `sample` is valid for reads.
#[inline]
pub unsafe fn sample_rtt_us(sample: *const RawAckSample) -> i32 {
    // SAFETY: By the contract of this function.
    unsafe { (*sample).rtt_us }
}

/// Packets that an `ack_sample` acknowledged.
///
/// # Safety
///
/// `sample` is valid for reads.
#[inline]
pub unsafe fn sample_pkts_acked(sample: *const RawAckSample) -> u32 {
    // SAFETY: By the contract of this function.
    unsafe { (*sample).pkts_acked }
}
