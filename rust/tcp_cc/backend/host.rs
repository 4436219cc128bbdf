// SPDX-License-Identifier: GPL-2.0-only

//! The host as a target: for tests without a kernel.
//!
//! A socket is a plain struct that a test fills in, time is what the test says it is, and the
//! kernel's functions are written out again, after `net/ipv4/tcp_cong.c` (by Stephen Hemminger and
//! others). What the kernel would warn of fails the test.
//!
//! [`Interface`] has the contract. A socket is one that is valid and that nobody else uses.

use std::{
    cell::Cell,
    fmt,
    mem::MaybeUninit, //
};

mod interface;
#[macro_use]
#[path = "../schema.rs"]
mod schema;

pub use interface::*;

/// Generates the socket: a struct of the fields that algorithms see, and a few more.
macro_rules! raw_sock {
    ($(
        $(#[$doc:meta])*
        $get:ident $(/ $set:ident)?: $ty:ty $(as $quantity:ty)?
            = $struct:ident, $member:tt $(, $shared:ident)?;
    )*) => {
        /// A socket. The fields have the kernel's names, units and widths.
        #[derive(Clone, Copy, Debug)]
        #[repr(C)]
        pub struct RawSock {
            $($(#[$doc])* pub $get: $ty,)*
            /// Whether the window was what limited sending in the last RTT.
            pub is_cwnd_limited: bool,
            /// The congestion state, `enum tcp_ca_state`.
            pub icsk_ca_state: u8,
            /// Whether timestamps are in microseconds.
            pub tcp_usec_ts: bool,
            /// Whether the last packet had a timestamp.
            pub saw_tstamp: bool,
            /// What a sock_ops program says of the path's RTT; 0 for nothing.
            pub base_rtt: i32,
            /// The fields that only [`SockField`]s read.
            pub others: Others,
            /// Whether packets are marked as ECN capable.
            pub ecn_capable: bool,
            /// The private state of the algorithm.
            pub icsk_ca_priv: CaPriv,
            /// The socket's table; none for one of another module.
            pub icsk_ca_ops: Option<&'static RawOps>,
            /// What [`add_stats`] has added to each counter, by [`Mib`].
            pub mibs: [u64; 4],
            /// How many ACKs were sent, and of the last `rcv_nxt` and whether it echoed congestion.
            pub acks_sent: (u32, u32, bool),
            /// Of how many ACKs the device's queue drops one, at random; 0 for none.
            pub drops_one_ack_in: u32,
        }

        impl RawSock {
            /// All fields 0.
            const ZERO: Self = Self {
                $($get: 0,)*
                is_cwnd_limited: false,
                icsk_ca_state: 0,
                tcp_usec_ts: false,
                saw_tstamp: false,
                base_rtt: 0,
                others: Others::NONE,
                ecn_capable: false,
                icsk_ca_priv: CaPriv::ZERO,
                icsk_ca_ops: None,
                mibs: [0; 4],
                acks_sent: (0, 0, false),
                drops_one_ack_in: 0,
            };

            /// A socket with a `number` in each of the fields that the kernel keeps as one.
            pub fn of_numbers(mut number: impl FnMut() -> u64) -> Self {
                Self {
                    $($get: number() as $ty,)*
                    others: Others {
                        otherwise: number(),
                        ..Others::NONE
                    },
                    ..Self::ZERO
                }
            }

            /// The field at `path`, as in `"tcp_sock.rx_opt.rcv_tsval"`.
            pub fn field(&self, path: &str) -> u64 {
                $(if path == without_spaces(stringify!($struct.$member)) {
                    return self.$get as u64;
                })*
                self.others.get(path)
            }
        }

        $(
            $(#[$doc])*
            ///
            /// # Safety
            ///
            /// `sk` is a socket as the contract of [`Interface`] has it.
            pub unsafe fn $get(sk: *mut RawSock) -> $ty {
                // SAFETY: Valid, by the contract of this function.
                unsafe { (*sk).$get }
            }

            $(
                /// Sets what the getter beside it reads.
                ///
                /// # Safety
                ///
                /// `sk` is a socket as the contract of [`Interface`] has it.
                pub unsafe fn $set(sk: *mut RawSock, value: $ty) {
                    // SAFETY: Valid, by the contract of this function.
                    unsafe { (*sk).$get = value };
                }
            )?
        )*

        /// The same getters. In a kernel somebody else may write to the socket meanwhile.
        pub mod once {
            use super::RawSock;

            $(
                $(#[$doc])*
                ///
                /// # Safety
                ///
                /// `sk` is valid.
                pub unsafe fn $get(sk: *const RawSock) -> $ty {
                    // SAFETY: Valid, by the contract of this function.
                    unsafe { (*sk).$get }
                }
            )*
        }
    };
}

sock_fields!(raw_sock);

/// Makes a [`SockField`]: what the test has set.
#[doc(hidden)]
#[macro_export]
macro_rules! sock_field {
    ($struct:ident $(. $member:ident $([$index:literal])?)+ : $ty:ident) => {{
        struct Field;

        // SAFETY: It reads an integer.
        unsafe impl $crate::SockField for Field {
            type Value = $ty;

            unsafe fn read(sk: *mut $crate::RawSock) -> $ty {
                const fn assert_integer<T: $crate::FieldValue>() {}
                const { assert_integer::<$ty>() };
                const PATH: &str = concat!(
                    stringify!($struct)
                    $(, ".", stringify!($member) $(, "[", $index, "]")?)+
                );
                // SAFETY: Valid, by the contract of the trait. A copy, since the algorithm's state
                // in the socket may be borrowed.
                unsafe { sk.read() }.field(PATH) as $ty
            }
        }

        Field
    }};
}

/// `$struct.[$member]` as a path.
fn without_spaces(field: &str) -> String {
    let field = field.replace(char::is_whitespace, "");
    field
        .replacen(".[", ".", 1)
        .trim_end_matches(']')
        .to_owned()
}

/// Fields of a socket by their paths, for those that have no name in [`RawSock`].
#[derive(Clone, Copy, Debug)]
pub struct Others {
    set: [Option<(&'static str, u64)>; 8],
    /// What those are that were not set.
    otherwise: u64,
}

impl Others {
    /// All of them 0.
    const NONE: Self = Self {
        set: [None; 8],
        otherwise: 0,
    };

    /// Sets the field at `path`, as in `"tcp_sock.rx_opt.user_mss"`. There is room for eight.
    pub fn set(&mut self, path: &'static str, value: u64) {
        let is_free = |place: &Option<(&str, u64)>| place.is_none_or(|(taken, _)| taken == path);
        let place = self.set.iter_mut().find(|place| is_free(place));
        *place.expect("a test sets at most eight such fields of a socket") = Some((path, value));
    }

    /// The field at `path`.
    fn get(&self, path: &str) -> u64 {
        let found = self.set.iter().flatten().find(|(set, _)| *set == path);
        found.map_or(self.otherwise, |&(_, value)| value)
    }
}

/// All of a socket.
pub type TcpSock = RawSock;

/// [`CA_PRIV_SIZE`] bytes, aligned to 8. What an algorithm writes there may have padding, which is
/// not to be read.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub struct CaPriv([MaybeUninit<u8>; CA_PRIV_SIZE]);

impl CaPriv {
    /// All of them 0.
    const ZERO: Self = Self([MaybeUninit::new(0); CA_PRIV_SIZE]);

    /// These bytes.
    pub fn new(bytes: [u8; CA_PRIV_SIZE]) -> Self {
        Self(bytes.map(MaybeUninit::new))
    }
}

impl fmt::Debug for CaPriv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CaPriv(..)")
    }
}

impl Default for RawSock {
    /// A new connection: a window of 10, in slow start, limited by its window.
    fn default() -> Self {
        Self {
            snd_cwnd: 10,
            snd_cwnd_clamp: u32::MAX,
            snd_ssthresh: 0x7fff_ffff,
            packets_out: 10,
            max_packets_out: 10,
            is_cwnd_limited: true,
            min_rtt_us: u32::MAX,
            mss_cache: 1448,
            sk_pacing_rate: u64::MAX,
            sk_max_pacing_rate: u64::MAX,
            sk_pacing_shift: 10,
            sk_gso_max_size: 65536,
            sk_state: 1,
            ecn_capable: true,
            drops_one_ack_in: 4,
            ..Self::ZERO
        }
    }
}

/// Generates a sample: a struct, and its getters.
macro_rules! sample {
    ($(#[$struct_doc:meta])* $raw:ident: $(
        $(#[$doc:meta])*
        $get:ident: $ty:ident $(as $quantity:ty)? = $member:ident;
    )*) => {
        $(#[$struct_doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $raw {
            $($(#[$doc])* pub $member: $ty,)*
        }

        $(
            $(#[$doc])*
            ///
            /// # Safety
            ///
            /// `sample` is valid for reads.
            pub unsafe fn $get(sample: *const $raw) -> $ty {
                // SAFETY: By the contract of this function.
                unsafe { (*sample).$member }
            }
        )*
    };
}

/// Generates [`RawAckSample`].
macro_rules! ack_sample {
    ($($fields:tt)*) => { sample! { /// `struct ack_sample`.
        RawAckSample: $($fields)* } };
}
ack_sample_fields!(ack_sample);

/// Generates [`RawRateSample`].
macro_rules! rate_sample {
    ($($fields:tt)*) => { sample! { /// `struct rate_sample`.
        RawRateSample: $($fields)* } };
}
rate_sample_fields!(rate_sample);

/// `enum tcp_ca_event`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct RawEvent(pub u32);

define_raw_ops! {
    /// The table of an algorithm: the members of `struct tcp_congestion_ops` that are its own.
    ///
    /// A function in it may be called as the kernel calls it: with any socket that nobody else
    /// uses, whatever its state holds. Panics go through.
    #[derive(Clone, Copy, Debug, Default)]
    "C-unwind"
}

/// What `get_info` answered.
pub type RawCcInfo = Option<Info>;

/// `struct tcp_plb_state`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct RawPlb {
    /// Consecutive congested rounds.
    pub consec_cong_rounds: u8,
    /// When rerouting may begin again, in ticks of `tcp_jiffies32`.
    pub pause_until: u32,
}

/// Bytes of private state that a socket has room for (`ICSK_CA_PRIV_SIZE`).
const CA_PRIV_SIZE: usize = 104;

/// Longest name of an algorithm, in bytes, without the terminating NUL.
const NAME_MAX: usize = 15;

thread_local! {
    static HZ: Cell<u32> = const { Cell::new(1000) };
    static JIFFIES: Cell<u64> = const { Cell::new(0) };
    static RANDOM: Cell<u64> = const { Cell::new(1) };
    static KERNEL_RANDOM: Cell<u64> = const { Cell::new(1) };
}

/// Sets how many ticks this thread's clock has in a second: a divisor of a million.
pub fn set_hz(hz: u32) {
    HZ.set(hz);
}

/// Sets this thread's clock, in ticks.
pub fn set_jiffies(now: u64) {
    JIFFIES.set(now);
}

/// Begins this thread's random numbers anew.
pub fn seed_random(seed: u64) {
    RANDOM.set(seed);
    KERNEL_RANDOM.set(seed);
}

/// The next of Knuth's linear congruential generator, its upper half.
fn next_random(random: &Cell<u64>) -> u32 {
    let next = random
        .get()
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    random.set(next);
    (next >> 32) as u32
}

/// The window is reduced at once (`tcp_enter_cwr()`): `ssthresh` and `set_state` are called.
///
/// # Safety
///
/// `sk` is a socket as the contract of [`Interface`] has it, whose state is not borrowed.
pub unsafe fn enter_cwr(sk: *mut RawSock) {
    const TCP_CA_CWR: u8 = 2;
    // SAFETY: Valid, by the contract of this function; a table's functions may be called with any
    // socket that nobody else uses.
    unsafe {
        // There is no way back.
        (*sk).prior_ssthresh = 0;
        let Some(ops) = (*sk)
            .icsk_ca_ops
            .filter(|_| (*sk).icsk_ca_state < TCP_CA_CWR)
        else {
            return;
        };
        (*sk).high_seq = (*sk).snd_nxt;
        (*sk).snd_cwnd_cnt = 0;
        (*sk).prior_cwnd = (*sk).snd_cwnd;
        if let Some(ssthresh) = ops.ssthresh {
            (*sk).snd_ssthresh = ssthresh(sk);
        }
        if let Some(set_state) = ops.set_state {
            set_state(sk, TCP_CA_CWR);
        }
        (*sk).icsk_ca_state = TCP_CA_CWR;
    }
}

/// A program chooses another algorithm and then this one again
/// (`bpf_setsockopt(TCP_CONGESTION)`, twice): `release`, a state of zeroes, `init`.
///
/// # Safety
///
/// `sk` is a socket as the contract of [`Interface`] has it, whose state is not borrowed.
unsafe fn choose_again(sk: *mut RawSock) {
    // SAFETY: As in `enter_cwr`.
    unsafe {
        let Some(ops) = (*sk).icsk_ca_ops else {
            return;
        };
        if let Some(release) = ops.release {
            release(sk);
        }
        (*sk).icsk_ca_priv = CaPriv::ZERO;
        if let Some(init) = ops.init {
            init(sk);
        }
    }
}

/// Whether it is one of `count`, at random; never if that is 0.
///
/// The numbers are not those that algorithms get: an algorithm that draws some decides as it would
/// without.
fn one_in(count: u32) -> bool {
    KERNEL_RANDOM.with(next_random).checked_rem(count) == Some(0)
}

/// `tcp_snd_cwnd_set()`. What the kernel warns of fails the test.
///
/// # Safety
///
/// `sk` is a socket as the contract of [`Interface`] has it.
unsafe fn warn_set_snd_cwnd(sk: *mut RawSock, cwnd: u32) {
    assert!(cwnd as i32 > 0, "the kernel warns: snd_cwnd set to {cwnd}");
    // SAFETY: Valid, by the contract of this function.
    unsafe { set_snd_cwnd(sk, cwnd) };
}

/// Gives a function the ABI of the table's members: a panic goes through, for a test to see it.
#[macro_export]
macro_rules! called_by_c {
    ($(#[$attr:meta])* pub unsafe fn $($function:tt)*) => {
        $(#[$attr])* pub unsafe extern "C-unwind" fn $($function)*
    };
}

/// Stands for the table, which nobody registers here.
pub enum TcpCongestionOps {}

/// This target.
pub enum Target {}

// SAFETY: As each function says.
unsafe impl Interface for Target {
    const CA_PRIV_SIZE: usize = CA_PRIV_SIZE;
    const NAME_MAX: usize = NAME_MAX;
    const ECN_MODE_ANY: u8 = (1 << 0) | (1 << 4);
    const NO_OPS: RawOps = NO_OPS;
    const RENO_CONG_AVOID: Option<unsafe fn(*mut RawSock, u32)> = None;

    fn max_tcp_header() -> u32 {
        320
    }

    fn hz() -> u32 {
        HZ.get()
    }

    fn jiffies() -> u64 {
        JIFFIES.get()
    }

    fn random_u32() -> u32 {
        RANDOM.with(next_random)
    }

    unsafe fn cwnd_limited(sk: *mut RawSock) -> bool {
        // SAFETY: Valid, by the contract of this function.
        unsafe { (*sk).is_cwnd_limited }
    }

    unsafe fn ca_state(sk: *mut RawSock) -> u8 {
        // SAFETY: Valid, by the contract of this function.
        unsafe { (*sk).icsk_ca_state }
    }

    unsafe fn tcp_usec_ts(sk: *mut RawSock) -> bool {
        // SAFETY: Valid, by the contract of this function.
        unsafe { (*sk).tcp_usec_ts }
    }

    unsafe fn saw_tstamp(sk: *mut RawSock) -> bool {
        // SAFETY: Valid, by the contract of this function.
        unsafe { (*sk).saw_tstamp }
    }

    unsafe fn set_snd_cwnd_clamp(sk: *mut RawSock, clamp: u32) {
        assert!(clamp > 0, "slow start would set a window of 0");
        // SAFETY: Valid, by the contract of this function.
        unsafe { (*sk).snd_cwnd_clamp = clamp };
    }

    unsafe fn base_rtt(sk: *mut RawSock) -> i32 {
        // SAFETY: Valid, by the contract of this function.
        unsafe { (*sk).base_rtt }
    }

    unsafe fn set_sk_pacing_rate(sk: *mut RawSock, rate: u64) {
        // SAFETY: Valid, by the contract of this function.
        unsafe { (*sk).sk_pacing_rate = rate };
    }

    unsafe fn request_pacing(sk: *mut RawSock) {
        // SAFETY: Valid, by the contract of this function.
        let status = unsafe { &mut (*sk).sk_pacing_status };
        if *status == 0 {
            *status = 1;
        }
    }

    unsafe fn send_ack(sk: *mut RawSock, rcv_nxt: u32) {
        const TCP_ECN_DEMAND_CWR: u8 = 1 << 2;
        // The socket is never borrowed as a whole: the algorithm's state, in it, may be.
        // SAFETY: Valid, by the contract of this function.
        unsafe {
            let echoes = (*sk).ecn_flags & TCP_ECN_DEMAND_CWR != 0;
            (*sk).acks_sent = ((*sk).acks_sent.0 + 1, rcv_nxt, echoes);
            if !one_in((*sk).drops_one_ack_in) {
                return;
            }
            if one_in(4) {
                choose_again(sk);
            }
            enter_cwr(sk);
        }
    }

    unsafe fn ecn_dontxmit(sk: *mut RawSock) {
        // SAFETY: Valid, by the contract of this function.
        unsafe { (*sk).ecn_capable = false };
    }

    unsafe fn replace_ops(sk: *mut RawSock, ops: &'static RawOps) -> bool {
        // SAFETY: Valid, by the contract of this function.
        unsafe {
            if (*sk).icsk_ca_ops.is_none() {
                return false;
            }
            (*sk).icsk_ca_ops = Some(ops);
            // A module's algorithm hands its state over as it is; BPF clears it. Either way it is
            // written to, so that Miri finds whoever has borrowed it.
            let state = &raw mut (*sk).icsk_ca_priv;
            state.write(state.read());
        }
        true
    }

    fn plb_init(plb: &mut RawPlb) {
        plb.consec_cong_rounds = 0;
        plb.pause_until = 0;
    }

    unsafe fn plb_update_state(_sk: *mut RawSock, _plb: &mut RawPlb, _cong_ratio: i32) {}

    unsafe fn plb_check_rehash(_sk: *mut RawSock, _plb: &mut RawPlb) {}

    unsafe fn plb_update_state_upon_rto(_sk: *mut RawSock, _plb: &mut RawPlb) {}

    unsafe fn ca_priv(sk: *mut RawSock) -> *mut u8 {
        // SAFETY: This only computes an address inside a valid socket.
        unsafe { std::ptr::addr_of_mut!((*sk).icsk_ca_priv).cast() }
    }

    unsafe fn slow_start(sk: *mut RawSock, acked: u32) -> u32 {
        // The socket is never borrowed as a whole: the algorithm's state, in it, is.
        // SAFETY: Valid, by the contract of this function.
        let (before, ssthresh, clamp) =
            unsafe { ((*sk).snd_cwnd, (*sk).snd_ssthresh, (*sk).snd_cwnd_clamp) };
        let cwnd = before.wrapping_add(acked).min(ssthresh);
        // SAFETY: As above.
        unsafe { warn_set_snd_cwnd(sk, cwnd.min(clamp)) };
        acked.wrapping_sub(cwnd.wrapping_sub(before))
    }

    unsafe fn cong_avoid_ai(sk: *mut RawSock, w: u32, acked: u32) {
        // SAFETY: Valid, by the contract of this function.
        unsafe {
            // Credit from a time when it took more packets to grow.
            if (*sk).snd_cwnd_cnt >= w {
                (*sk).snd_cwnd_cnt = 0;
                warn_set_snd_cwnd(sk, (*sk).snd_cwnd.wrapping_add(1));
            }
            (*sk).snd_cwnd_cnt = (*sk).snd_cwnd_cnt.wrapping_add(acked);
            if (*sk).snd_cwnd_cnt >= w {
                let grown = (*sk).snd_cwnd_cnt / w;
                (*sk).snd_cwnd_cnt %= w;
                warn_set_snd_cwnd(sk, (*sk).snd_cwnd.wrapping_add(grown));
            }
            warn_set_snd_cwnd(sk, (*sk).snd_cwnd.min((*sk).snd_cwnd_clamp));
        }
    }

    unsafe fn add_stats(sk: *mut RawSock, mib: Mib, value: u32) {
        // SAFETY: Valid, by the contract of this function.
        let mibs = unsafe { &mut (*sk).mibs };
        mibs[mib as usize] += u64::from(value);
    }

    unsafe fn put_info(attr: *mut i32, info: *mut RawCcInfo, answer: Info) -> usize {
        let (number, size) = match answer {
            Info::Vegas(_) => (3, 16),
            Info::Dctcp(_) => (9, 16),
            Info::Bbr(_) => (16, 20),
        };
        // SAFETY: By the contract of this function.
        unsafe {
            attr.write(number);
            info.write(Some(answer));
        }
        size
    }
}
