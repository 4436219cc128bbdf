// SPDX-License-Identifier: GPL-2.0-only

//! A connection, and what the kernel does with it.

use std::{
    collections::VecDeque,
    marker::PhantomData, //
};
use tcp_cc::{
    callbacks,
    AckEventFlags,
    AckFlags,
    CaState,
    CongestionControl,
    CwndEvent,
    Flags,
    CA_PRIV_SIZE, //
};
use tcp_cc_backend::{
    set_hz,
    set_jiffies,
    CaPriv,
    RawAckSample,
    RawCcInfo,
    RawEvent,
    RawOps,
    RawRateSample,
    RawSock, //
};

/// `TCP_INFINITE_SSTHRESH`
const INFINITE_SSTHRESH: u32 = 0x7fff_ffff;

/// A connection whose congestion control is `A`, as the sender sees it.
///
/// There are two ways to drive it. Functions with the name of a callback call just that, and do
/// nothing if the algorithm leaves it out. The others do what the kernel does at that occasion,
/// with all callbacks that belong to it, for a sender that always has data.
///
/// Whatever the kernel would warn of fails the test.
pub struct Connection<A> {
    /// The socket. Its fields have the kernel's names and may be set at will.
    pub sk: RawSock,

    /// What `jiffies` shows; its lower half is `tcp_jiffies32`.
    pub jiffies: u64,

    /// Ticks of that clock in a second: 1000. Distributions have 250, too.
    pub hz: u32,

    /// What `delivered` was when each of the packets in flight was sent, the oldest first.
    in_flight: VecDeque<u32>,

    algorithm: PhantomData<A>,
}

impl<A: CongestionControl> Default for Connection<A> {
    fn default() -> Self {
        Self::new()
    }
}

/// What it is made of.
impl<A: CongestionControl> Connection<A> {
    const TABLE: &'static RawOps = &callbacks::table::<A>();

    /// A connection that has just been established: the algorithm has seen `init`, the window is
    /// 10, and it is in slow start.
    pub fn new() -> Self {
        let mut connection = Self::before_init(RawSock::default());
        connection.establish();
        connection
    }

    /// A connection that uses this socket. No callback has been called.
    ///
    /// The clocks are those of a kernel that booted a second ago: the jiffies wrap after five
    /// minutes.
    pub fn before_init(mut sk: RawSock) -> Self {
        sk.icsk_ca_ops = Some(Self::TABLE);
        sk.tcp_mstamp = 1_000_000;
        Self {
            sk,
            jiffies: ((-299_i32 * 1000) as u32).into(),
            hz: 1000,
            in_flight: VecDeque::new(),
            algorithm: PhantomData,
        }
    }

    /// What the algorithm remembers of the connection.
    pub fn state(&self) -> A::State {
        // SAFETY: Any bytes are a valid state, and `table`, which every connection needs, checks
        // that it has room there.
        unsafe { (&raw const self.sk.icsk_ca_priv).cast::<A::State>().read() }
    }

    /// What the algorithm remembers of the connection.
    pub fn state_mut(&mut self) -> &mut A::State {
        // SAFETY: As in `state`, and borrowed as long as `self` is.
        unsafe { &mut *(&raw mut self.sk.icsk_ca_priv).cast() }
    }

    /// Sets the state to these bytes, as many as it has.
    pub fn set_state_bytes(&mut self, bytes: [u8; CA_PRIV_SIZE]) {
        self.sk.icsk_ca_priv = CaPriv::new(bytes);
    }

    /// Time passes, on both clocks.
    pub fn advance(&mut self, usecs: u64) {
        let usecs_per_tick = u64::from(1_000_000 / self.hz);
        let before = self.sk.tcp_mstamp / usecs_per_tick;
        self.sk.tcp_mstamp = self.sk.tcp_mstamp.wrapping_add(usecs);
        let ticks = (self.sk.tcp_mstamp / usecs_per_tick).wrapping_sub(before);
        self.jiffies = self.jiffies.wrapping_add(ticks);
    }
}

/// How an argument is passed that is a `Raw` in C: a number, an enum of ours, or a sample.
pub trait Pass<Raw> {
    /// The argument in C. A pointer is valid as long as `self` is borrowed.
    fn pass(&self) -> Raw;
}

/// Implements [`Pass`].
macro_rules! pass {
    ($($ty:ty as $raw:ty = |$value:ident| $pass:expr;)*) => { $(
        impl Pass<$raw> for $ty {
            fn pass(&self) -> $raw {
                let $value = self;
                $pass
            }
        }
    )* };
}

pass! {
    u8 as u8 = |number| *number;
    u32 as u32 = |number| *number;
    i32 as i32 = |number| *number;
    AckEventFlags as u32 = |flags| flags.as_raw();
    AckFlags as i32 = |flags| flags.as_raw();
    CaState as u8 = |state| state.as_raw();
    CwndEvent as RawEvent = |event| RawEvent(event.as_raw());
    RawEvent as RawEvent = |event| *event;
    RawAckSample as *const RawAckSample = |sample| &raw const *sample;
    RawRateSample as *const RawRateSample = |sample| &raw const *sample;
}

/// The kernel's own answer where a table has no such member.
trait Without {
    /// The answer.
    const WITHOUT: Self;
}

impl Without for () {
    const WITHOUT: Self = ();
}

impl Without for u32 {
    /// Both `net.ipv4.tcp_min_tso_segs` and the windows that a send buffer has room for
    /// (`tcp_sndbuf_expand()`).
    const WITHOUT: Self = 2;
}

/// Generates the callbacks of the table.
macro_rules! callbacks {
    ([$($name:ident($($arg:ident: $raw:ty),*) $(-> $ret:ty)?;)*] $get_info:tt) => {
        /// The members of the table, by their names. Without one, the answer is the kernel's own.
        ///
        /// They are only called: [`set_ca_state`](Self::set_ca_state) and the others do what the
        /// kernel does.
        #[allow(unused_parens, reason = "not every member has a result")]
        impl<A: CongestionControl> Connection<A> { $(
            #[doc = concat!("`", stringify!($name), "`")]
            pub fn $name(&mut self $(, $arg: impl Pass<$raw>)*) -> ($($ret)?) {
                set_hz(self.hz);
                set_jiffies(self.jiffies);
                match self.ops().$name {
                    // SAFETY: As the kernel calls it: with a socket that nobody else uses, and a
                    // sample that lives until this returns. `callbacks::table` made the table, of
                    // `A` or of what `A` fell back to.
                    Some(callback) => unsafe { callback(&raw mut self.sk $(, $arg.pass())*) },
                    None => Without::WITHOUT,
                }
            }
        )* }
    };
}

tcp_cc_backend::raw_tcp_congestion_ops!(callbacks);

/// What the kernel does.
impl<A: CongestionControl> Connection<A> {
    /// The table of the socket.
    fn ops(&self) -> &'static RawOps {
        self.sk.icsk_ca_ops.unwrap_or(Self::TABLE)
    }

    /// `get_info`, asked as `ss -ti` asks.
    pub fn get_info(&mut self) -> RawCcInfo {
        const INET_DIAG_VEGASINFO: u32 = 3;
        let (mut attr, mut info) = (0, None);
        if let Some(get_info) = self.ops().get_info {
            let ext = 1 << (INET_DIAG_VEGASINFO - 1);
            // SAFETY: As the kernel calls it: with a socket, and with places for the answer.
            unsafe { get_info(&raw mut self.sk, ext, &raw mut attr, &raw mut info) };
        }
        info
    }

    /// The connection is established (`tcp_init_congestion_control()`).
    pub fn establish(&mut self) {
        self.sk.prior_ssthresh = 0;
        self.init();
        self.sk.ecn_capable = self.ops().flags & Flags::NEEDS_ECN.bits() != 0;
    }

    /// The congestion state changes (`tcp_set_ca_state()`).
    pub fn set_ca_state(&mut self, new_state: CaState) {
        self.set_state(new_state);
        self.sk.icsk_ca_state = new_state.as_raw();
    }

    /// Sends until the window is full.
    pub fn send(&mut self) {
        let window = self.sk.snd_cwnd as usize;
        if self.in_flight.len() >= window {
            return;
        }
        if self.in_flight.is_empty() {
            self.cwnd_event_tx_start();
        }
        let bytes = (window - self.in_flight.len()) as u32 * self.sk.mss_cache;
        self.sk.snd_nxt = self.sk.snd_nxt.wrapping_add(bytes);
        self.sk.write_seq = self.sk.snd_nxt;
        self.sk.lsndtime = self.jiffies as u32;
        self.in_flight.resize(window, self.sk.delivered);
        self.sk.packets_out = self.sk.snd_cwnd;
        self.sk.max_packets_out = self.sk.snd_cwnd;
    }

    /// An ACK acknowledges the `acked` packets that were sent first, `rtt_us` microseconds after
    /// the last of them was sent (`tcp_ack()`). No time passes.
    ///
    /// While packets are retransmitted the window does not grow. (The kernel reduces it little by
    /// little then; here the reduction has happened at once.)
    pub fn ack(&mut self, acked: u32, rtt_us: u32) {
        let prior_in_flight = self.in_flight.len() as u32;
        assert!(
            0 < acked && acked <= prior_in_flight,
            "an ACK of {acked} packets, and {prior_in_flight} are in flight"
        );
        let delivered_then = self.in_flight.drain(..acked as usize).next_back();
        let sk = &mut self.sk;
        sk.snd_una = sk.snd_una.wrapping_add(acked * sk.mss_cache);
        sk.packets_out = prior_in_flight - acked;
        sk.delivered = sk.delivered.wrapping_add(acked);
        sk.delivered_mstamp = sk.tcp_mstamp;
        sk.min_rtt_us = sk.min_rtt_us.min(rtt_us);
        sk.srtt_us = match sk.srtt_us {
            0 => rtt_us << 3,
            srtt_us => srtt_us - (srtt_us >> 3) + rtt_us,
        };
        let prior_delivered = delivered_then.unwrap_or(sk.delivered);
        let (ack, prior_mstamp) = (sk.snd_una, sk.tcp_mstamp.wrapping_sub(rtt_us.into()));
        let delivered = sk.delivered.wrapping_sub(prior_delivered) as i32;

        self.pkts_acked(RawAckSample {
            pkts_acked: acked,
            rtt_us: rtt_us as i32,
            in_flight: delivered as u32 * self.sk.mss_cache,
        });
        self.in_ack_event(AckEventFlags::WIN_UPDATE);

        if self.ops().cong_control.is_some() {
            // A window that was updated, and data that was sent once and is acknowledged.
            let flags = AckFlags::from_raw(0x02 | 0x04 | 0x200 | 0x400);
            let sample = RawRateSample {
                prior_mstamp,
                prior_delivered,
                delivered,
                interval_us: rtt_us.into(),
                snd_interval_us: rtt_us,
                rcv_interval_us: rtt_us,
                rtt_us: rtt_us.into(),
                acked_sacked: acked,
                prior_in_flight,
                last_end_seq: ack,
                ..RawRateSample::default()
            };
            self.cong_control(ack, flags, sample);
        } else if !self.in_cwnd_reduction() {
            self.cong_avoid(ack, acked);
            self.sk.snd_cwnd_stamp = self.jiffies as u32;
        }
    }

    /// A round trip: every packet in flight is acknowledged by an ACK of its own, the ACKs come
    /// evenly spread over `rtt_us` microseconds, and each lets new packets out.
    pub fn round_trip(&mut self, rtt_us: u32) {
        self.send();
        let packets = self.in_flight.len() as u64;
        let mut passed = 0;
        for packet in 0..packets {
            let at = packet * u64::from(rtt_us) / packets;
            self.advance(at - passed);
            passed = at;
            self.ack(1, rtt_us);
            self.send();
        }
        self.advance(u64::from(rtt_us) - passed);
    }

    /// `round_trips` of them.
    pub fn round_trips(&mut self, round_trips: u32, rtt_us: u32) {
        for _ in 0..round_trips {
            self.round_trip(rtt_us);
        }
    }

    /// Everything is acknowledged, and for `usecs` microseconds there is nothing to send. With
    /// `net.ipv4.tcp_slow_start_after_idle=0` the window stays.
    pub fn idle(&mut self, usecs: u64) {
        self.sk.snd_una = self.sk.snd_nxt;
        self.sk.packets_out = 0;
        self.in_flight.clear();
        self.advance(usecs);
    }

    /// Packets are lost and retransmitted at once, and the loss is repaired.
    pub fn loss(&mut self) {
        self.enter_recovery();
        self.leave();
    }

    /// The other end echoes an ECN mark, and later the reduction is over.
    pub fn ecn_mark(&mut self) {
        self.enter_cwr();
        self.leave();
    }

    /// Packets are lost and retransmitted at once (`tcp_enter_recovery()`).
    pub fn enter_recovery(&mut self) {
        self.sk.prior_ssthresh = 0;
        if !self.in_cwnd_reduction() {
            self.sk.prior_ssthresh = self.current_ssthresh();
            self.reduce();
        }
        self.set_ca_state(CaState::RECOVERY);
    }

    /// The other end echoes an ECN mark (`tcp_enter_cwr()`).
    pub fn enter_cwr(&mut self) {
        // There is no way back.
        self.sk.prior_ssthresh = 0;
        if self.sk.icsk_ca_state < CaState::CWR.as_raw() {
            self.reduce();
            self.set_ca_state(CaState::CWR);
        }
    }

    /// The retransmission timer runs out (`tcp_enter_loss()`): everything in flight is lost.
    pub fn timeout(&mut self) {
        self.sk.prior_ssthresh = self.current_ssthresh();
        self.sk.prior_cwnd = self.sk.snd_cwnd;
        self.sk.snd_ssthresh = self.ssthresh();
        self.cwnd_event(CwndEvent::LOSS);
        self.set_cwnd(1);
        self.sk.snd_cwnd_cnt = 0;
        self.set_ca_state(CaState::LOSS);
        self.sk.high_seq = self.sk.snd_nxt;
    }

    /// What was lost has arrived: back to the state Open.
    pub fn leave(&mut self) {
        if self.sk.icsk_ca_state != CaState::LOSS.as_raw() {
            if self.ops().cong_control.is_none() && self.sk.snd_ssthresh < INFINITE_SSTHRESH {
                self.set_cwnd(self.sk.snd_ssthresh);
            }
            self.cwnd_event(CwndEvent::COMPLETE_CWR);
        }
        self.set_ca_state(CaState::OPEN);
    }

    /// Nothing was lost after all (`tcp_undo_cwnd_reduction()`): back to the state Open.
    pub fn undo(&mut self) {
        if self.sk.prior_ssthresh != 0 {
            let undo_cwnd = self.undo_cwnd();
            self.set_cwnd(undo_cwnd);
            self.sk.snd_ssthresh = self.sk.snd_ssthresh.max(self.sk.prior_ssthresh);
        }
        self.set_ca_state(CaState::OPEN);
    }

    /// `tcp_in_cwnd_reduction()`
    fn in_cwnd_reduction(&self) -> bool {
        [CaState::CWR, CaState::RECOVERY].contains(&CaState::from_raw(self.sk.icsk_ca_state))
    }

    /// `tcp_current_ssthresh()`
    fn current_ssthresh(&self) -> u32 {
        let cwnd = self.sk.snd_cwnd;
        if self.in_cwnd_reduction() {
            self.sk.snd_ssthresh
        } else {
            self.sk.snd_ssthresh.max((cwnd >> 1) + (cwnd >> 2))
        }
    }

    /// `tcp_init_cwnd_reduction()`, and all of the reduction.
    fn reduce(&mut self) {
        self.sk.high_seq = self.sk.snd_nxt;
        self.sk.snd_cwnd_cnt = 0;
        self.sk.prior_cwnd = self.sk.snd_cwnd;
        self.sk.snd_ssthresh = self.ssthresh();
        if self.ops().cong_control.is_none() {
            self.set_cwnd(self.sk.snd_cwnd.min(self.sk.snd_ssthresh));
        }
    }

    /// `tcp_snd_cwnd_set()`, now. What is in flight beyond the window arrives unseen.
    fn set_cwnd(&mut self, cwnd: u32) {
        assert!(cwnd as i32 > 0, "the kernel warns: snd_cwnd set to {cwnd}");
        self.sk.snd_cwnd = cwnd;
        self.sk.snd_cwnd_stamp = self.jiffies as u32;
        let unseen = self.in_flight.len().saturating_sub(cwnd as usize) as u32;
        self.in_flight.truncate(cwnd as usize);
        self.sk.packets_out = self.in_flight.len() as u32;
        self.sk.delivered = self.sk.delivered.wrapping_add(unseen);
        self.sk.snd_una = self.sk.snd_una.wrapping_add(unseen * self.sk.mss_cache);
    }
}
