// SPDX-License-Identifier: GPL-2.0-only

//! Random connections: what happens on them is weighted as on real ones, and now and then extreme.

mod custom;

use crate::{
    description::Description,
    event::{
        Event,
        Events,
        Kind, //
    },
    pair::Pair,
    side::{
        Index,
        STATE_WORDS, //
    },
};
use ferrops_bindings as bindings;
use kernel::prelude::*;

/// `enum tcp_ca_state`
pub(crate) mod ca {
    pub(crate) const OPEN: u64 = 0;
    pub(crate) const CWR: u64 = 2;
    pub(crate) const RECOVERY: u64 = 3;
    pub(crate) const LOSS: u64 = 4;
}

/// `enum tcp_ca_event`
pub(crate) mod event {
    use ferrops_bindings::tcp_ca_event;

    pub(crate) const CWND_RESTART: u64 = tcp_ca_event::CA_EVENT_CWND_RESTART.0 as u64;
    pub(crate) const COMPLETE_CWR: u64 = tcp_ca_event::CA_EVENT_COMPLETE_CWR.0 as u64;
    pub(crate) const LOSS: u64 = tcp_ca_event::CA_EVENT_LOSS.0 as u64;
    pub(crate) const ECN_NO_CE: u64 = tcp_ca_event::CA_EVENT_ECN_NO_CE.0 as u64;
    pub(crate) const ECN_IS_CE: u64 = tcp_ca_event::CA_EVENT_ECN_IS_CE.0 as u64;
}

/// Microseconds in a second.
pub(crate) const SECOND: u64 = 1_000_000;

/// Microseconds in a tick of the jiffies clock.
pub(crate) const TICK: u64 = SECOND / bindings::CONFIG_HZ as u64;

/// Bytes in a packet.
pub(crate) const MSS: u64 = 1448;

/// Callbacks on a connection.
const LENGTH: u64 = 300;

/// A repeatable sequence of numbers: Marsaglia's xorshift64, its upper half.
pub(crate) struct Random(u64);

impl Random {
    /// A sequence for each seed and each connection.
    fn new(seed: u64, connection: u32) -> Self {
        let mixed = (seed ^ u64::from(connection) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut random = Self(mixed | 1);
        for _ in 0..8 {
            random.any();
        }
        random
    }

    pub(crate) fn any(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u32
    }

    /// A number below `bound`; 0 if that is 0.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.any().checked_rem(bound).unwrap_or(0)
    }

    /// A number of at most `bits` bits (at most 32): small ones are as likely as large ones.
    pub(crate) fn sized(&mut self, bits: u32) -> u32 {
        let unused = 32 - self.below(bits + 1);
        self.any().checked_shr(unused).unwrap_or(0)
    }

    /// A clock of 32 bits: often just about to wrap, or just after that.
    fn clock(&mut self) -> u32 {
        match self.below(4) {
            0 => 0_u32.wrapping_sub(self.sized(24)),
            1 => self.sized(8),
            _ => self.any(),
        }
    }
}

/// A random connection.
pub(crate) struct Connection<'p, 't> {
    pair: &'p mut Pair<'t>,
    random: Random,
    /// All that happened, for [`minimise`](crate::pair::minimise).
    pub(crate) events: Events,
    /// Whether the two sides differ: then nothing happens any more.
    pub(crate) differs: bool,
    /// The time in microseconds, and in jiffies when that was 0.
    micros: u64,
    epoch: u32,
    /// The path's delay in microseconds, and what the queue adds.
    delay: u32,
    queue: u32,
    /// Whether the queue grows with each ACK.
    growth: u32,
    /// The shortest time between two ACKs: with more than 2 ms HyStart sees no train.
    gap: u32,
    /// Whether the tables follow ECN's marks, as DCTCP does. Others do not see what happens then.
    follows_marks: bool,
    /// How many of 16 packets are marked.
    marks: u32,
    /// What else of the path a custom congestion control sees.
    path: custom::Path,
}

impl<'p, 't> Connection<'p, 't> {
    /// A connection for a number and a seed.
    pub(crate) fn new(pair: &'p mut Pair<'t>, seed: u64, number: u32) -> Self {
        let follows_marks = pair.side().table.ops().in_ack_event.is_some();
        Self {
            pair,
            follows_marks,
            marks: 0,
            random: Random::new(seed, number),
            events: Events::new(),
            differs: false,
            micros: 0,
            epoch: 0,
            delay: 0,
            queue: 0,
            growth: 0,
            gap: 0,
            path: Default::default(),
        }
    }

    /// Goes through it.
    pub(crate) fn run(&mut self, most: u64) -> Result {
        self.pair.clear();
        self.start()?;
        let end = self.pair.steps + most.min(LENGTH);
        // Where a table is never defined nothing is ever compared, and that must end too.
        let mut rounds = 0;
        while self.pair.steps < end && rounds < 2 * LENGTH && !self.differs {
            self.round()?;
            rounds += 1;
        }
        Ok(())
    }

    /// Has something happen.
    fn happen(&mut self, kind: Kind, arguments: &[u64]) -> Result {
        if !self.differs {
            let event = Event::new(kind, arguments);
            self.events.push(event, GFP_KERNEL)?;
            self.differs = self.pair.step(&event).is_some();
        }
        Ok(())
    }

    /// Has the kernel set a field.
    fn set(&mut self, field: Index, value: impl Into<u64>) -> Result {
        self.happen(Kind::Set, &[field as u64, value.into()])
    }

    fn get(&self, field: Index) -> u32 {
        self.pair.side().get(field)
    }

    /// Lets time pass.
    fn pass(&mut self, micros: u32) -> Result {
        self.micros = self.micros.wrapping_add(micros.into());
        let now = self.epoch.wrapping_add((self.micros / TICK) as u32);
        if now != self.pair.now() {
            self.happen(Kind::Clock, &[now.into()])?;
        }
        self.set(Index::tcp_mstamp, self.micros)
    }

    /// The beginning: as the kernel makes it, as it may be before `init`, or anything.
    fn start(&mut self) -> Result {
        self.epoch = self.random.clock();
        self.micros = u64::from(self.random.clock());
        self.epoch = self.epoch.wrapping_sub((self.micros / TICK) as u32);
        self.delay = self.random.sized(20);
        self.gap = self.random.below(2) * 2001;
        self.growth = self.random.below(2);
        self.pass(0)?;

        self.set(Index::mss_cache, MSS)?;
        self.set(Index::sk_gso_max_size, 65_536_u32)?;
        let rate = u64::from(self.random.sized(32)) << self.random.below(8);
        self.set(Index::sk_pacing_rate, rate)?;
        let status = self.random.below(3);
        self.set(Index::sk_pacing_status, status)?;
        let una = self.random.clock();
        self.set(Index::snd_una, una)?;
        self.set(Index::snd_nxt, una)?;
        self.set(Index::lsndtime, self.pair.now())?;
        self.set(Index::max_packets_out, 10_u32)?;
        if self.follows_marks {
            self.negotiate()?;
        }
        if self.is_custom() {
            self.start_custom()?;
        }

        if self.wants(|description| description.timestamps) {
            let is_usecs = self.random.below(4) == 0;
            self.set(Index::tcp_usec_ts, u64::from(is_usecs))?;
            let remote = self.random.clock();
            self.set(Index::rcv_tsval, remote)?;
        }
        match self.random.below(10) {
            _ if self.pair.only_init => self.happen(Kind::init, &[]),
            0..=5 => self.happen(Kind::init, &[]),
            // The state of a child is that of its listener, or zeroed.
            6 => Ok(()),
            _ => self.anything(),
        }
    }

    /// What the handshake said of ECN, and the counters and the receiver's side, which matter then.
    fn negotiate(&mut self) -> Result {
        let random = &mut self.random;
        let (mode, state) = (random.below(8), random.below(16));
        let counters = [random.clock(), random.clock(), random.clock()];
        let hash = random.any() * random.below(2);
        self.marks = [0, 1, 8, 16][random.below(4) as usize];
        // Accurate ECN, none, or that of RFC 3168.
        let ecn_flags = match mode {
            0..=1 => 1_u32 << 4,
            2..=3 if !self.pair.is_bpf => 0,
            _ => 1,
        };
        self.set(Index::ecn_flags, ecn_flags)?;
        // Closed, listening, or established.
        let sk_state = match state {
            0 => 7_u32,
            1 => 10,
            _ => 1,
        };
        self.set(Index::sk_state, sk_state)?;
        let [delivered, delivered_ce, rcv_nxt] = counters;
        self.set(Index::delivered, delivered)?;
        self.set(Index::delivered_ce, delivered_ce)?;
        self.set(Index::rcv_nxt, rcv_nxt)?;
        self.set(Index::sk_txhash, hash)?;
        // The SYN was sent as ECN capable.
        self.set(Index::tos, 2_u32)
    }

    /// Whether what is known of the algorithm says so.
    fn wants(&self, what: fn(&Description) -> bool) -> bool {
        self.pair.description.is_some_and(what)
    }

    /// Any state, and any socket.
    fn anything(&mut self) -> Result {
        for _ in 0..8 {
            self.extreme()?;
        }
        let state = self.random.below(5);
        self.set(Index::icsk_ca_state, state)?;
        for i in 0..STATE_WORDS {
            let word = match self.random.below(8) {
                // It may be an instant, and then one near now matters, or a window.
                0 => self.pair.now().wrapping_sub(self.random.sized(12)),
                1 => (self.micros as u32).wrapping_sub(self.random.sized(20)),
                2 => self.get(Index::snd_cwnd),
                3 => 0,
                _ => self.random.sized(32),
            };
            self.happen(Kind::State, &[i as u64, word.into()])?;
        }
        let any_state = self
            .pair
            .description
            .map_or(&[][..], |found| found.any_state);
        for (value, word) in any_state {
            let value = value(&mut self.random);
            self.happen(Kind::State, &[*word as u64, value.into()])?;
        }
        Ok(())
    }

    /// One thing that happens on a connection.
    fn round(&mut self) -> Result {
        if self.follows_marks && self.random.below(3) == 0 {
            return self.receive();
        }
        match self.random.below(100) {
            0..=69 => self.ack(),
            70..=75 => {
                let micros = match self.random.below(4) {
                    // Algorithms compare with these.
                    0 => SECOND,
                    1 => SECOND / 32 / TICK * TICK,
                    _ => self.random.sized(26).into(),
                };
                self.pass(micros as u32)
            }
            76..=79 => self.recovery(),
            80..=81 => self.timeout(),
            82..=84 => self.undo(),
            85..=88 => self.idle(),
            89..=91 => self.ecn(),
            92..=93 => self.ask(),
            94 => self.standing_queue(),
            95..=97 => self.extreme(),
            98 => self.begin_again(),
            _ => {
                let sixth = self.random.below(6);
                let word = self.random.below(STATE_WORDS as u32);
                let value = self.random.sized(32);
                match sixth {
                    0 if !self.pair.only_init => {
                        self.happen(Kind::State, &[word.into(), value.into()])
                    }
                    _ => self.ack(),
                }
            }
        }
    }

    /// An ACK.
    fn ack(&mut self) -> Result {
        let gap = self.gap + self.random.sized(14);
        self.pass(gap)?;
        let cwnd = self.get(Index::snd_cwnd);
        let acked = match self.random.below(50) {
            0 => self.random.sized(22),
            1 => 0,
            2..=4 => self.random.below(cwnd.clamp(1, 1 << 20)),
            _ => self.random.below(4) + 1,
        };
        let una = self.get(Index::snd_una);
        let una = una.wrapping_add(acked.wrapping_mul(MSS as u32));
        self.set(Index::snd_una, una)?;
        if self.random.below(2) == 0 {
            let nxt = una.wrapping_add(cwnd.wrapping_mul(MSS as u32));
            self.set(Index::snd_nxt, nxt)?;
            let packets = self.random.below(cwnd.clamp(1, 1 << 20) + 1);
            self.set(Index::max_packets_out, packets)?;
            let limited = u32::from(self.random.below(8) != 0);
            self.set(Index::is_cwnd_limited, limited)?;
        }
        if self.random.below(8) == 0 {
            let flags = self.random.below(16);
            self.happen(Kind::in_ack_event, &[flags.into()])?;
        }
        self.queue = match self.random.below(80) {
            0 => 0,
            _ => (self.queue + self.random.sized(11).wrapping_mul(self.growth)) & 0xf_ffff,
        };
        let rtt = match self.random.below(80) {
            0..=3 => -1_i32 as u32,
            4 => self.random.sized(31),
            5 => 0,
            _ => self.delay + self.queue,
        };
        if self.wants(|description| description.srtt) && rtt as i32 >= 0 {
            self.set(Index::srtt_us, rtt << 3)?;
        }
        if self.wants(|description| description.timestamps) {
            self.timestamp(rtt)?;
        }
        let in_flight = cwnd.wrapping_mul(MSS as u32);
        let sample = [acked.into(), rtt.into(), in_flight.into()];
        self.happen(Kind::pkts_acked, &sample)?;
        if self.follows_marks {
            self.deliver(acked)?;
        }

        let una = una.into();
        if self.is_custom() {
            return self.cong_control(una, acked, rtt);
        }
        self.happen(Kind::cong_avoid, &[una, acked.into()])
    }

    /// The packet brings a timestamp, of a clock that has mostly a tick in a millisecond, and
    /// echoes ours of an RTT ago.
    fn timestamp(&mut self, rtt: u32) -> Result {
        let ticks = match self.random.below(8) {
            0 => self.random.sized(32),
            1 => 0,
            2..=3 => self.random.below(1000),
            _ => self.random.below(10) + 1,
        };
        let remote = self.get(Index::rcv_tsval).wrapping_add(ticks);
        self.set(Index::rcv_tsval, remote)?;
        let sent = self.micros.wrapping_sub(rtt.min(1 << 30).into());
        let echoed = match (self.random.below(20), self.get(Index::tcp_usec_ts)) {
            (0, _) => self.random.any(),
            (_, 0) => (sent / 1000) as u32,
            _ => sent as u32,
        };
        self.set(Index::rcv_tsecr, echoed)
    }

    /// So many packets were delivered, some of them with a mark.
    fn deliver(&mut self, packets: u32) -> Result {
        let marked = match self.random.below(40) {
            0 => self.random.sized(32),
            1 => packets,
            _ => (packets.wrapping_mul(self.marks) + self.random.below(16)) / 16,
        };
        let delivered = self.get(Index::delivered).wrapping_add(packets);
        self.set(Index::delivered, delivered)?;
        let delivered_ce = self.get(Index::delivered_ce).wrapping_add(marked);
        self.set(Index::delivered_ce, delivered_ce)?;
        let left = self.random.below(4);
        self.set(Index::packets_out, left)?;
        let flags = self.random.below(8);
        self.happen(Kind::in_ack_event, &[flags.into()])
    }

    /// A packet comes, with or without a mark, while an ACK is being delayed or not.
    fn receive(&mut self) -> Result {
        let pending = match self.random.below(4) {
            0 => 0,
            1 => self.random.below(256),
            // ICSK_ACK_SCHED, ICSK_ACK_TIMER
            _ => 1 | 2,
        };
        self.set(Index::ack_pending, pending)?;
        let is_marked = self.random.below(16) < self.marks.clamp(2, 14);
        let mark = if is_marked {
            event::ECN_IS_CE
        } else {
            event::ECN_NO_CE
        };
        self.happen(Kind::cwnd_event, &[mark])?;
        let bytes = self.random.below(4) * MSS as u32;
        let rcv_nxt = self.get(Index::rcv_nxt).wrapping_add(bytes);
        self.set(Index::rcv_nxt, rcv_nxt)
    }

    /// Slow start into a queue that stands, near the delay at which HyStart ends it.
    fn standing_queue(&mut self) -> Result {
        self.delay = match self.random.below(2) {
            0 => 1_000 + self.random.below(31_000),
            _ => 8_000 + self.random.below(200_000),
        };
        self.queue = match self.random.below(4) {
            0 => 3_900 + self.random.below(300),
            1 => 12_000 + self.random.sized(13),
            2 => self.delay / 8 + self.random.sized(12),
            _ => self.random.sized(15),
        };
        self.happen(Kind::init, &[])?;
        let cwnd = 16 + self.random.sized(10);
        self.set(Index::snd_cwnd, cwnd)?;
        self.set(Index::snd_ssthresh, i32::MAX as u64)?;
        self.happen(Kind::pkts_acked, &[1, self.delay.into(), cwnd.into()])?;

        // A new round, and more samples in it than HyStart wants.
        let una = self.get(Index::snd_nxt).wrapping_add(MSS as u32);
        self.set(Index::snd_una, una)?;
        self.set(Index::snd_nxt, una.wrapping_add(100 * MSS as u32))?;
        for _ in 0..10 {
            let gap = 2001 + self.random.sized(10);
            self.pass(gap)?;
            let rtt = self.delay + self.queue;
            self.happen(Kind::pkts_acked, &[1, rtt.into(), cwnd.into()])?;
        }
        Ok(())
    }

    /// `tcp_init_cwnd_reduction()` or its like, and the end of it.
    fn reduce(&mut self, state: u64) -> Result {
        let (cwnd, ssthresh) = (self.get(Index::snd_cwnd), self.get(Index::snd_ssthresh));
        self.set(Index::prior_ssthresh, ssthresh)?;
        self.set(Index::prior_cwnd, cwnd)?;
        self.happen(Kind::ssthresh, &[])?;
        self.happen(Kind::set_state, &[state])
    }

    /// Fast recovery.
    fn recovery(&mut self) -> Result {
        self.reduce(ca::RECOVERY)?;
        let ssthresh = self.get(Index::snd_ssthresh);
        let cwnd = self.get(Index::snd_cwnd).min(ssthresh).max(1);
        self.set(Index::snd_cwnd, cwnd)?;
        if self.random.below(3) != 0 {
            let micros = self.delay;
            self.pass(micros)?;
            self.happen(Kind::set_state, &[ca::OPEN])?;
        }
        Ok(())
    }

    /// A retransmission timeout.
    fn timeout(&mut self) -> Result {
        self.reduce(ca::LOSS)?;
        self.happen(Kind::cwnd_event, &[event::LOSS])?;
        self.set(Index::snd_cwnd, 1_u32)?;
        self.set(Index::snd_cwnd_cnt, 0_u32)?;
        if self.random.below(3) != 0 {
            let micros = self.random.sized(22);
            self.pass(micros)?;
            self.happen(Kind::set_state, &[ca::OPEN])?;
        }
        Ok(())
    }

    /// The loss was none: `tcp_undo_cwnd_reduction()`.
    fn undo(&mut self) -> Result {
        self.happen(Kind::undo_cwnd, &[])?;
        let prior = self.get(Index::prior_ssthresh);
        if prior > self.get(Index::snd_ssthresh) {
            self.set(Index::snd_ssthresh, prior)?;
        }
        self.happen(Kind::set_state, &[ca::OPEN])
    }

    /// Nothing to send for a while.
    fn idle(&mut self) -> Result {
        let micros = self.random.sized(31);
        self.pass(micros)?;
        if self.random.below(2) == 0 {
            self.happen(Kind::cwnd_event, &[event::CWND_RESTART])?;
            let cwnd = self.get(Index::snd_cwnd).min(10);
            self.set(Index::snd_cwnd, cwnd)?;
        }
        self.happen(Kind::cwnd_event_tx_start, &[])?;
        self.set(Index::lsndtime, self.pair.now())
    }

    /// Marks, and the answer to them.
    fn ecn(&mut self) -> Result {
        let marked = self.random.below(2) == 0;
        let mark = if marked {
            event::ECN_IS_CE
        } else {
            event::ECN_NO_CE
        };
        self.happen(Kind::cwnd_event, &[mark])?;
        if self.random.below(2) == 0 {
            self.reduce(ca::CWR)?;
            self.happen(Kind::cwnd_event, &[event::COMPLETE_CWR])?;
            self.happen(Kind::set_state, &[ca::OPEN])?;
        }
        Ok(())
    }

    /// What the kernel and `ss` ask for.
    fn ask(&mut self) -> Result {
        match self.random.below(3) {
            0 => self.happen(Kind::min_tso_segs, &[]),
            1 => self.happen(Kind::sndbuf_expand, &[]),
            _ => {
                // INET_DIAG_VEGASINFO, as `ss` asks, or any.
                let ext = match self.random.below(2) {
                    0 => 1_u64 << (3 - 1),
                    _ => 1 << self.random.below(20),
                };
                self.happen(Kind::get_info, &[ext])
            }
        }
    }

    /// A field has an unusual value.
    fn extreme(&mut self) -> Result {
        if self.is_custom() && self.random.below(2) == 0 {
            return self.extreme_custom();
        }
        if self.wants(|description| description.mss) && self.random.below(4) == 0 {
            let mss = match self.random.below(4) {
                0 => self.random.sized(17),
                1 => self.random.below(4),
                _ => MSS as u32,
            };
            return self.set(Index::mss_cache, mss);
        }
        let random = &mut self.random;
        match random.below(10) {
            0 => {
                let cwnd = random.sized(28).max(1);
                self.set(Index::snd_cwnd, cwnd)
            }
            1 => {
                let count = random.sized(28);
                self.set(Index::snd_cwnd_cnt, count)
            }
            2 => {
                let clamp = match random.below(2) {
                    0 => random.sized(31).max(1),
                    _ => u32::MAX,
                };
                self.set(Index::snd_cwnd_clamp, clamp)
            }
            3 => {
                let ssthresh = match random.below(2) {
                    0 => random.sized(31).max(2),
                    _ => i32::MAX as u32,
                };
                self.set(Index::snd_ssthresh, ssthresh)
            }
            4 => {
                let prior = random.sized(30);
                self.set(Index::prior_cwnd, prior)
            }
            5 => {
                let packets = random.sized(32);
                self.set(Index::max_packets_out, packets)
            }
            6 => {
                let rate = match random.below(2) {
                    0 => u64::MAX,
                    _ => u64::from(random.sized(32)),
                };
                self.set(Index::sk_pacing_rate, rate)
            }
            7 => {
                let size = random.sized(20);
                self.set(Index::sk_gso_max_size, size)
            }
            8 => {
                let idle = random.sized(32);
                self.set(Index::lsndtime, self.pair.now().wrapping_sub(idle))
            }
            _ => {
                let nxt = random.any();
                self.set(Index::snd_nxt, nxt)
            }
        }
    }

    /// `tcp_disconnect()` and a new connection, or just `init`.
    fn begin_again(&mut self) -> Result {
        if self.random.below(2) == 0 {
            self.happen(Kind::release, &[])?;
            for i in 0..STATE_WORDS {
                self.happen(Kind::State, &[i as u64, 0])?;
            }
            self.set(Index::snd_cwnd, 10_u32)?;
            self.set(Index::snd_cwnd_cnt, 0_u32)?;
            self.set(Index::snd_ssthresh, i32::MAX as u64)?;
        }
        self.happen(Kind::init, &[])
    }
}
