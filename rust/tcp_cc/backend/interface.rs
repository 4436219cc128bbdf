// SPDX-License-Identifier: GPL-2.0-only

//! What a target has to offer, so that `tcp_cc` can be built on it.
//!
//! `tcp_cc` is built once for each target, on top of a crate `tcp_cc_backend`: `kernel.rs`,
//! `bpf.rs` or `host.rs` in this directory. Each of them includes this file and implements
//! [`Interface`] for a type [`Target`](crate::Target). Beside that each of them has, by these
//! names:
//!
//! - the types of the `use` below, which are C's;
//! - a getter (and a setter) for each field in `schema.rs`, which generates them;
//! - the macro `called_by_c!`, which gives a function the ABI of the table's members.
//!
//! So nothing in `tcp_cc` or in an algorithm depends on which target it is built for.
//!
//! # Contract
//!
//! A function that takes `sk: *mut RawSock` wants a socket that its caller owns, in the sense of
//! the congestion control callbacks: valid, a full TCP socket (not a request or time-wait one), and
//! with its lock held so that nobody else writes to it (contract 5). Fields that the kernel itself
//! reads without the lock are accessed as C does, with `READ_ONCE()` and `WRITE_ONCE()`
//! (contract 20). In BPF it wants the pointer that the program was called with, which the verifier
//! insists on.

use crate::{
    RawCcInfo,
    RawOps,
    RawPlb,
    RawSock, //
};

/// A target.
///
/// # Safety
///
/// The functions must do no more than they say; `contract.rst` lists what the kernel may call back
/// from each of them.
pub unsafe trait Interface {
    /// Bytes of private state that a socket has room for (`ICSK_CA_PRIV_SIZE`).
    const CA_PRIV_SIZE: usize;

    /// Longest name of an algorithm, in bytes, without the terminating NUL (`TCP_CA_NAME_MAX`).
    const NAME_MAX: usize;

    /// Bits of `ecn_flags` that say that ECN was negotiated (`TCP_ECN_MODE_ANY`).
    const ECN_MODE_ANY: u8;

    /// A table without callbacks, of this module.
    const NO_OPS: RawOps;

    /// `tcp_reno_cong_avoid()` on this many acknowledged packets, where one call is cheaper than
    /// the calls of its parts. The kernel's does not look how large the window is.
    ///
    /// Its first argument is a socket as the contract has it.
    const RENO_CONG_AVOID: Option<unsafe fn(*mut RawSock, u32)>;

    /// Returns the ticks of the jiffies clock in a second (`HZ`).
    fn hz() -> u32;

    /// Returns `dividend / hz()`, or 0 where that would divide by 0.
    #[inline(always)]
    fn divide_by_hz(dividend: u64) -> u64 {
        dividend.checked_div(u64::from(Self::hz())).unwrap_or(0)
    }

    /// Returns the ticks in `usecs` microseconds, rounded up (`usecs_to_jiffies()`).
    #[inline(always)]
    fn usecs_to_jiffies(usecs: u32) -> u64 {
        let usecs_per_tick = 1_000_000_u32.checked_div(Self::hz()).unwrap_or(1);
        ticks(usecs, usecs_per_tick, |usecs| {
            usecs.checked_div(usecs_per_tick).unwrap_or(0)
        })
    }

    /// Returns the room that the kernel keeps for headers in front of TCP's data, in bytes
    /// (`MAX_TCP_HEADER`).
    fn max_tcp_header() -> u32;

    /// Returns the ticks in `msecs` milliseconds, rounded up (`msecs_to_jiffies()`).
    #[inline(always)]
    fn msecs_to_jiffies(msecs: u32) -> u64 {
        if (msecs as i32) < 0 {
            return MAX_JIFFY_OFFSET;
        }
        let ticks = u64::from(msecs).wrapping_mul(u64::from(Self::hz()));
        ticks.wrapping_add(999) / 1_000
    }

    /// Returns the microseconds in `ticks`, of which C keeps the low half (`jiffies_to_usecs()`).
    #[inline(always)]
    fn jiffies_to_usecs(ticks: u64) -> u32 {
        let usecs_per_tick = 1_000_000_u32.checked_div(Self::hz()).unwrap_or(1);
        (ticks as u32).wrapping_mul(usecs_per_tick)
    }

    /// Returns `jiffies`, of 64 bits.
    fn jiffies() -> u64;

    /// Returns a random number.
    fn random_u32() -> u32;

    /// Returns the address of the algorithm's private state, `inet_csk_ca()`:
    /// [`CA_PRIV_SIZE`](Self::CA_PRIV_SIZE) bytes, aligned to 8.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it.
    unsafe fn ca_priv(sk: *mut RawSock) -> *mut u8;

    /// Returns whether the window was what limited sending in the last RTT.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it.
    unsafe fn cwnd_limited(sk: *mut RawSock) -> bool;

    /// Returns the congestion state, `enum tcp_ca_state`.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it.
    unsafe fn ca_state(sk: *mut RawSock) -> u8;

    /// Returns whether the timestamps of the connection are in microseconds, and not in
    /// milliseconds.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it.
    unsafe fn tcp_usec_ts(sk: *mut RawSock) -> bool;

    /// Returns whether the last packet had a timestamp.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it.
    unsafe fn saw_tstamp(sk: *mut RawSock) -> bool;

    /// Sets the upper bound of the window, in packets. Does nothing in BPF.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it, and `clamp` is not 0.
    unsafe fn set_snd_cwnd_clamp(sk: *mut RawSock, clamp: u32);

    /// Asks sock_ops programs for the RTT of the path without a queue, in microseconds
    /// (`BPF_SOCK_OPS_BASE_RTT`); 0 or less if none knows. In BPF it is 0.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it, whose state is not borrowed.
    unsafe fn base_rtt(sk: *mut RawSock) -> i32;

    /// Sets the pacing rate, in bytes per second.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it.
    unsafe fn set_sk_pacing_rate(sk: *mut RawSock, rate: u64);

    /// Has TCP pace this socket if nothing does (`cmpxchg(&sk_pacing_status, NONE, NEEDED)`). Not
    /// atomic in BPF.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it.
    unsafe fn request_pacing(sk: *mut RawSock);

    /// Grows the window in slow start (`tcp_slow_start()`): returns what is left of `acked`.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it, and `snd_cwnd < snd_ssthresh`.
    unsafe fn slow_start(sk: *mut RawSock, acked: u32) -> u32;

    /// Grows the window by a packet for each `w` acknowledged (`tcp_cong_avoid_ai()`).
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it, and `w` is not 0.
    unsafe fn cong_avoid_ai(sk: *mut RawSock, w: u32, acked: u32);

    /// Sends an ACK of everything before `rcv_nxt` (`__tcp_send_ack()`). It may call back into the
    /// algorithm (contract 19).
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it, whose state is not borrowed, and interrupts are on.
    unsafe fn send_ack(sk: *mut RawSock, rcv_nxt: u32);

    /// No longer marks packets as ECN capable (`INET_ECN_dontxmit()`). Does nothing in BPF, where
    /// the kernel does it after `init` if the table does not need ECN.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it.
    unsafe fn ecn_dontxmit(sk: *mut RawSock);

    /// Replaces the socket's table, which has to be one of this module, by another, and returns
    /// whether it was. In BPF the kernel's Reno takes over, whatever `ops` is (contract 15).
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it, whose state is not borrowed; the callback that runs
    /// is `init`, and `ops` a complete table of this module.
    unsafe fn replace_ops(sk: *mut RawSock, ops: &'static RawOps) -> bool;

    /// Forgets what was seen of congestion (`tcp_plb_init()`).
    fn plb_init(plb: &mut RawPlb);

    /// Notes a round trip (`tcp_plb_update_state()`). Does nothing in BPF.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it.
    unsafe fn plb_update_state(sk: *mut RawSock, plb: &mut RawPlb, cong_ratio: i32);

    /// Reroutes the connection if it is time (`tcp_plb_check_rehash()`). Does nothing in BPF.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it.
    unsafe fn plb_check_rehash(sk: *mut RawSock, plb: &mut RawPlb);

    /// Notes a retransmission timeout (`tcp_plb_update_state_upon_rto()`). Does nothing in BPF.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it.
    unsafe fn plb_update_state_upon_rto(sk: *mut RawSock, plb: &mut RawPlb);

    /// Adds to a counter of the socket's network namespace (`NET_ADD_STATS()`). Does nothing in
    /// BPF.
    ///
    /// # Safety
    ///
    /// `sk` is a socket as the contract has it.
    unsafe fn add_stats(sk: *mut RawSock, mib: Mib, value: u32);

    /// Writes the answer of `get_info`: returns its size in bytes, and its type to `attr`. BPF has
    /// no `get_info`.
    ///
    /// # Safety
    ///
    /// `attr` and `info` are valid for writes.
    unsafe fn put_info(attr: *mut i32, info: *mut RawCcInfo, answer: Info) -> usize;
}

/// The longest time in ticks, which means "for ever".
const MAX_JIFFY_OFFSET: u64 = (i64::MAX as u64 >> 1) - 1;

/// A field of a socket that has no getter, as `sock_field!` of each target implements it.
///
/// # Safety
///
/// `read` must do no more than it says.
pub unsafe trait SockField {
    /// What the field holds.
    type Value;

    /// Reads the field, once.
    ///
    /// # Safety
    ///
    /// `sk` is a valid, full TCP socket.
    unsafe fn read(sk: *mut RawSock) -> Self::Value;
}

/// An integer, any bytes of which are a value.
///
/// # Safety
///
/// Only integers are that.
#[diagnostic::on_unimplemented(
    message = "a field of a socket cannot be read as a `{Self}`",
    note = "use an integer as wide as the field, with a sign if that has one"
)]
pub unsafe trait FieldValue: Copy {}

/// Implements [`FieldValue`].
macro_rules! field_values {
    ($($ty:ty),*) => {
        // SAFETY: An integer.
        $(unsafe impl FieldValue for $ty {})*
    };
}

field_values!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

/// Returns the ticks in `usecs` microseconds, rounded up, for ticks of so many microseconds.
///
/// Right where a second has a whole number of such microseconds. The last two ticks before the end
/// of the range of `usecs` (71 minutes) mean "for ever", as in C.
#[inline(always)]
pub(crate) fn ticks(usecs: u32, usecs_per_tick: u32, divide: impl FnOnce(u32) -> u32) -> u64 {
    if usecs > usecs_per_tick.wrapping_mul(MAX_JIFFY_OFFSET as u32) {
        return MAX_JIFFY_OFFSET;
    }
    u64::from(divide(usecs.wrapping_add(usecs_per_tick.wrapping_sub(1))))
}

/// A counter of the socket's network namespace, in `/proc/net/netstat`.
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

/// An answer to `get_info`: the kernel knows three shapes, and `ss` prints each in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Info {
    /// `struct tcpvegas_info`
    Vegas(VegasInfo),
    /// `struct tcp_dctcp_info`
    Dctcp(DctcpInfo),
    /// `struct tcp_bbr_info`
    Bbr(BbrInfo),
}

/// `struct tcpvegas_info`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VegasInfo {
    /// Whether the algorithm is at work: any number but 0.
    pub enabled: u32,
    /// RTT samples in the last round.
    pub rttcnt: u32,
    /// The RTT in microseconds.
    pub rtt: u32,
    /// The least RTT in microseconds.
    pub minrtt: u32,
}

/// `struct tcp_dctcp_info`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DctcpInfo {
    /// Whether the algorithm is at work, and has not fallen back to another.
    pub enabled: bool,
    /// Whether the last packet came with an ECN mark.
    pub ce_state: u16,
    /// How many packets are marked on average, in 1/1024.
    pub alpha: u32,
    /// Bytes acknowledged in this round that were marked.
    pub ab_ecn: u32,
    /// Bytes acknowledged in this round.
    pub ab_tot: u32,
}

/// `struct tcp_bbr_info`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BbrInfo {
    /// The bandwidth of the path in bytes per second.
    pub bw: u64,
    /// The least RTT in microseconds.
    pub min_rtt: u32,
    /// The pacing gain in 1/256.
    pub pacing_gain: u32,
    /// The window's gain in 1/256.
    pub cwnd_gain: u32,
}
