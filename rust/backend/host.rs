// SPDX-License-Identifier: GPL-2.0-only

//! The host as the world that an algorithm runs in: for tests without a kernel.
//!
//! Offers what `kernel.rs` beside this file offers. A socket is a plain struct that a test fills
//! in, time is what the test says it is, and the kernel's functions are written out again, after
//! `net/ipv4/tcp_cong.c` (by Stephen Hemminger and others).
//!
//! # Contract
//!
//! A function that takes `sk: *mut RawSock` wants one that is valid and that nobody else uses.

use std::cell::Cell;

/// A socket. The fields have the kernel's names, units and widths.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct RawSock {
    /// Sending congestion window, in packets.
    pub snd_cwnd: u32,
    /// Linear increase counter, in packets.
    pub snd_cwnd_cnt: u32,
    /// Upper bound of `snd_cwnd`, in packets.
    pub snd_cwnd_clamp: u32,
    /// Slow start threshold, in packets.
    pub snd_ssthresh: u32,
    /// `snd_cwnd` before the last reduction, in packets.
    pub prior_cwnd: u32,
    /// Most packets that were out in the last RTT.
    pub max_packets_out: u32,
    /// Whether the window was what limited sending in the last RTT.
    pub is_cwnd_limited: bool,
    /// Next sequence number to send.
    pub snd_nxt: u32,
    /// First byte not yet acknowledged.
    pub snd_una: u32,
    /// Jiffies when data was last sent.
    pub lsndtime: u32,
    /// Time of the most recent packet received or sent, in microseconds.
    pub tcp_mstamp: u64,
    /// Pacing rate, in bytes per second; all ones for none.
    pub sk_pacing_rate: u64,
    /// Whether anything paces this socket.
    pub is_paced: bool,
    /// Largest GSO packet of the route, in bytes.
    pub sk_gso_max_size: u32,
    /// The private state of the algorithm.
    pub icsk_ca_priv: CaPriv,
    /// What [`add_stats`] has added to each counter, by [`Mib`].
    pub mibs: [u64; 4],
}

/// [`CA_PRIV_SIZE`] bytes, aligned to 8.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub struct CaPriv(pub [u8; CA_PRIV_SIZE]);

impl Default for RawSock {
    /// A new connection: a window of 10, in slow start, limited by its window.
    fn default() -> Self {
        Self {
            snd_cwnd: 10,
            snd_cwnd_cnt: 0,
            snd_cwnd_clamp: u32::MAX,
            snd_ssthresh: 0x7fff_ffff,
            prior_cwnd: 0,
            max_packets_out: 10,
            is_cwnd_limited: true,
            snd_nxt: 0,
            snd_una: 0,
            lsndtime: 0,
            tcp_mstamp: 0,
            sk_pacing_rate: u64::MAX,
            is_paced: false,
            sk_gso_max_size: 65536,
            icsk_ca_priv: CaPriv([0; CA_PRIV_SIZE]),
            mibs: [0; 4],
        }
    }
}

/// `struct ack_sample`.
#[derive(Clone, Copy, Debug, Default)]
pub struct RawAckSample {
    /// Packets acknowledged.
    pub pkts_acked: u32,
    /// Round trip time in microseconds; negative for none.
    pub rtt_us: i32,
    /// Packets in flight when the acknowledged ones were sent.
    pub in_flight: u32,
}

/// Ticks of the jiffies clock in a second.
pub const HZ: u32 = 1000;

/// Bytes of private state that a socket has room for (`ICSK_CA_PRIV_SIZE`).
pub const CA_PRIV_SIZE: usize = 104;

/// Longest name of an algorithm, in bytes, without the terminating NUL.
pub const NAME_MAX: usize = 15;

thread_local! {
    static JIFFIES: Cell<u32> = const { Cell::new(0) };
}

/// Sets this thread's clock, in ticks.
pub fn set_jiffies32(now: u32) {
    JIFFIES.set(now);
}

/// `tcp_jiffies32`.
pub fn jiffies32() -> u32 {
    JIFFIES.get()
}

/// Generates a getter (and a setter) for a field of [`RawSock`].
macro_rules! field {
    ($($get:ident $(/ $set:ident)?: $ty:ty = $field:ident;)*) => { $(
        /// Reads the field of this name.
        ///
        /// # Safety
        ///
        /// `sk` is a socket as the crate's contract has it.
        pub unsafe fn $get(sk: *mut RawSock) -> $ty {
            // SAFETY: Valid, by the contract of this function.
            unsafe { (*sk).$field }
        }

        $(
            /// Sets the field of this name.
            ///
            /// # Safety
            ///
            /// `sk` is a socket as the crate's contract has it.
            pub unsafe fn $set(sk: *mut RawSock, value: $ty) {
                // SAFETY: Valid, by the contract of this function.
                unsafe { (*sk).$field = value };
            }
        )?
    )* };
}

field! {
    snd_cwnd / set_snd_cwnd: u32 = snd_cwnd;
    snd_cwnd_cnt / set_snd_cwnd_cnt: u32 = snd_cwnd_cnt;
    snd_ssthresh / set_snd_ssthresh: u32 = snd_ssthresh;
    snd_cwnd_clamp: u32 = snd_cwnd_clamp;
    prior_cwnd: u32 = prior_cwnd;
    max_packets_out: u32 = max_packets_out;
    cwnd_limited: bool = is_cwnd_limited;
    snd_nxt: u32 = snd_nxt;
    snd_una: u32 = snd_una;
    lsndtime: u32 = lsndtime;
    tcp_mstamp: u64 = tcp_mstamp;
    pacing_rate: u64 = sk_pacing_rate;
    is_paced: bool = is_paced;
    gso_max_size: u32 = sk_gso_max_size;
}

/// The private state of the algorithm.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it.
pub unsafe fn ca_priv(sk: *mut RawSock) -> *mut u8 {
    // SAFETY: This only computes an address inside a valid socket.
    unsafe { std::ptr::addr_of_mut!((*sk).icsk_ca_priv).cast() }
}

/// `tcp_slow_start()`: returns what is left of `acked`.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it, and `snd_cwnd < snd_ssthresh`.
pub unsafe fn slow_start(sk: *mut RawSock, acked: u32) -> u32 {
    // SAFETY: Valid, by the contract of this function.
    let sk = unsafe { &mut *sk };
    let cwnd = sk.snd_cwnd.wrapping_add(acked).min(sk.snd_ssthresh);
    let left = acked.wrapping_sub(cwnd.wrapping_sub(sk.snd_cwnd));
    set_cwnd(sk, cwnd.min(sk.snd_cwnd_clamp));
    left
}

/// `tcp_cong_avoid_ai()`.
///
/// # Safety
///
/// `sk` is a socket as the crate's contract has it, and `w` is not 0.
pub unsafe fn cong_avoid_ai(sk: *mut RawSock, w: u32, acked: u32) {
    // SAFETY: Valid, by the contract of this function.
    let sk = unsafe { &mut *sk };
    // Credit from a time when it took more packets to grow.
    if sk.snd_cwnd_cnt >= w {
        sk.snd_cwnd_cnt = 0;
        set_cwnd(sk, sk.snd_cwnd.wrapping_add(1));
    }
    sk.snd_cwnd_cnt = sk.snd_cwnd_cnt.wrapping_add(acked);
    if sk.snd_cwnd_cnt >= w {
        let delta = sk.snd_cwnd_cnt / w;
        sk.snd_cwnd_cnt -= delta * w;
        set_cwnd(sk, sk.snd_cwnd.wrapping_add(delta));
    }
    set_cwnd(sk, sk.snd_cwnd.min(sk.snd_cwnd_clamp));
}

/// `tcp_snd_cwnd_set()`. What the kernel warns of fails the test.
fn set_cwnd(sk: &mut RawSock, cwnd: u32) {
    assert!(cwnd as i32 > 0, "the kernel warns: snd_cwnd set to {cwnd}");
    sk.snd_cwnd = cwnd;
}

/// A counter of the socket's network namespace.
#[derive(Clone, Copy, Debug)]
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
pub unsafe fn add_stats(sk: *mut RawSock, mib: Mib, value: u32) {
    // SAFETY: Valid, by the contract of this function.
    let mibs = unsafe { &mut (*sk).mibs };
    mibs[mib as usize] += u64::from(value);
}

/// Round trip time of a sample, in microseconds; negative for none.
///
/// # Safety
///
/// `sample` is valid for reads.
pub unsafe fn sample_rtt_us(sample: *const RawAckSample) -> i32 {
    // SAFETY: By the contract of this function.
    unsafe { (*sample).rtt_us }
}

/// Packets that a sample acknowledged.
///
/// # Safety
///
/// `sample` is valid for reads.
pub unsafe fn sample_pkts_acked(sample: *const RawAckSample) -> u32 {
    // SAFETY: By the contract of this function.
    unsafe { (*sample).pkts_acked }
}
