// SPDX-License-Identifier: GPL-2.0-only

//! What else happens on a connection with a custom congestion control: the kernel measures how fast
//! packets are delivered, and hands it that with every ACK.

use super::{
    Connection,
    Index,
    Kind,
    MSS,
    SECOND, //
};
use kernel::prelude::*;

/// What the path is like, beside its delay.
#[derive(Clone, Copy, Default)]
pub(super) struct Path {
    /// Packets a second.
    rate: u32,
    /// How many of 256 ACKs tell of losses.
    loss: u32,
    /// How many ACKs there are to a round.
    round: u32,
    /// Whether many packets are acknowledged at once.
    is_aggregated: bool,
    /// Whether the application is the limit now and then.
    is_app_limited: bool,
}

impl Connection<'_, '_> {
    /// Whether the congestion control is a custom one.
    pub(super) fn is_custom(&self) -> bool {
        self.pair.side().table.ops().cong_control.is_some()
    }

    /// The beginning: a path, and what the kernel has counted and measured so far.
    pub(super) fn start_custom(&mut self) -> Result {
        let random = &mut self.random;
        self.path = Path {
            rate: random.sized(22) + 1,
            loss: match random.below(3) {
                0 => 0,
                1 => random.below(16),
                _ => 64 + random.below(128),
            },
            round: random.below(6) + 1,
            is_aggregated: random.below(4) == 0,
            is_app_limited: random.below(2) == 0,
        };
        let most = match random.below(4) {
            0 => u64::from(random.sized(32)) << random.below(16),
            _ => u64::MAX,
        };
        let shift = match random.below(4) {
            0 => random.below(20),
            _ => 10,
        };
        let (delivered, lost) = match random.below(2) {
            0 => (0, 0),
            _ => (random.clock(), random.clock()),
        };
        let (srtt, min_rtt) = match random.below(3) {
            0 => (0, u32::MAX),
            _ => (self.delay << 3, self.delay),
        };
        self.set(Index::sk_max_pacing_rate, most)?;
        self.set(Index::sk_pacing_shift, shift)?;
        self.set(Index::delivered, delivered)?;
        self.set(Index::lost, lost)?;
        self.set(Index::srtt_us, srtt)?;
        self.set(Index::min_rtt_us, min_rtt)
    }

    /// The end of an ACK of `acked` packets, as `tcp_ack()` has it. `una` is what it acknowledges,
    /// `rtt` the RTT or -1.
    pub(super) fn cong_control(&mut self, una: u64, acked: u32, rtt: u32) -> Result {
        let path = self.path;
        let acked = match path.is_aggregated {
            true => acked.wrapping_mul(self.random.below(30)),
            false => acked,
        };
        let losses = match self.random.below(256) < path.loss {
            true => self.random.below(acked.clamp(1, 64)) + 1,
            false => 0,
        };
        let delivered = self.get(Index::delivered).wrapping_add(acked);
        self.set(Index::delivered, delivered)?;
        let lost = self.get(Index::lost).wrapping_add(losses);
        self.set(Index::lost, lost)?;
        if acked > 0 {
            self.set(Index::delivered_mstamp, self.micros)?;
        }
        self.clocks()?;
        self.in_flight()?;
        if rtt as i32 >= 0 {
            self.set(Index::srtt_us, rtt << 3)?;
            let least = self.get(Index::min_rtt_us).min(rtt);
            self.set(Index::min_rtt_us, least)?;
        }
        self.rate_sample(acked, losses, delivered)?;
        self.set(Index::rtt_us, i64::from(rtt as i32) as u64)?;
        if self.random.below(40) == 0 {
            self.extreme_sample()?;
        }
        let flags = self.random.below(1 << 17);
        self.happen(Kind::cong_control, &[una, flags.into()])
    }

    /// How many packets are out, and whether the application is the limit.
    fn in_flight(&mut self) -> Result {
        let cwnd = self.get(Index::snd_cwnd).min(1 << 20);
        let out = match self.random.below(6) {
            0 => cwnd,
            1 => self.random.below(6),
            2 | 3 => self.near_bdp(),
            _ => self.random.below(cwnd + 1),
        };
        // Delivered and in flight are none together, when the count wraps.
        let rest = self.get(Index::delivered).wrapping_neg();
        let out = match self.random.below(20) {
            0 if rest < 1 << 20 => rest,
            _ => out,
        };
        self.set(Index::packets_out, out)?;
        let are_all_new = self.random.below(3) != 0;
        for field in [Index::sacked_out, Index::lost_out, Index::retrans_out] {
            let packets = match are_all_new {
                true => 0,
                false => self.random.below(out / 2 + 1),
            };
            if self.get(field) != packets {
                self.set(field, packets)?;
            }
        }
        if self.random.below(4) == 0 {
            let app_limited = match self.random.below(2) {
                0 => 0,
                _ => self.get(Index::delivered).wrapping_add(out).max(1),
            };
            self.set(Index::app_limited, app_limited)?;
        }
        Ok(())
    }

    /// A number of packets about which the algorithm decides, as far as that is known.
    fn near_bdp(&mut self) -> u32 {
        match self
            .pair
            .description
            .and_then(|description| description.in_flight)
        {
            Some(in_flight) => in_flight(self.pair.side(), &mut self.random),
            None => self.random.below(400),
        }
    }

    /// The clocks in nanoseconds: now, and when the next packet may leave.
    fn clocks(&mut self) -> Result {
        let now = self.micros.wrapping_mul(1000) + u64::from(self.random.below(1000));
        self.set(Index::tcp_clock_cache, now)?;
        let next = match self.random.below(3) {
            0 => now.wrapping_sub(self.random.sized(20).into()),
            _ => now.wrapping_add(self.random.sized(26).into()),
        };
        self.set(Index::tcp_wstamp_ns, next)
    }

    /// What `tcp_rate_gen()` makes of it: about the rate of the path.
    fn rate_sample(&mut self, acked: u32, losses: u32, delivered: u32) -> Result {
        let path = self.path;
        let interval = match self.random.below(8) {
            0 => self.random.sized(20),
            _ => self.delay + self.queue,
        };
        let packets = u64::from(path.rate) * u64::from(interval) / SECOND;
        let noise = self.random.below(packets as u32 / 8 + 2);
        let packets = match self.random.below(3) {
            0 => packets as u32 + noise,
            1 => (packets as u32).saturating_sub(noise),
            _ => packets as u32,
        };
        let begins_round = self.random.below(path.round) == 0;
        let prior = match begins_round {
            true => delivered,
            false => delivered.wrapping_sub(packets),
        };
        let app_limited = u64::from(path.is_app_limited && self.random.below(8) == 0);
        let ack_delayed = u64::from(self.random.below(4) == 0);
        let in_flight = self.get(Index::packets_out);
        let in_flight = match self.random.below(4) {
            0 => in_flight,
            1 => self.random.below(8),
            2 => self.near_bdp(),
            _ => self.random.below(in_flight.wrapping_mul(2).max(1)),
        };
        self.set(Index::prior_delivered, prior)?;
        self.set(Index::rs_delivered, packets)?;
        self.set(Index::interval_us, interval)?;
        self.set(Index::losses, losses)?;
        self.set(Index::acked_sacked, acked)?;
        self.set(Index::prior_in_flight, in_flight)?;
        self.set(Index::is_app_limited, app_limited)?;
        self.set(Index::is_ack_delayed, ack_delayed)?;
        // Without times, or with one that is too short to be one.
        match self.random.below(30) {
            0 => {
                self.set(Index::rs_delivered, -1_i64 as u64)?;
                self.set(Index::interval_us, -1_i64 as u64)
            }
            1 => self.set(Index::interval_us, -1_i64 as u64),
            2 => self.set(Index::interval_us, 0_u64),
            _ => Ok(()),
        }
    }

    /// A sample that no kernel measures.
    fn extreme_sample(&mut self) -> Result {
        let any = u64::from(self.random.any()) << 32 | u64::from(self.random.any());
        let sized = any.checked_shr(self.random.below(64)).unwrap_or(0);
        let (field, value) = match self.random.below(8) {
            0 => (Index::rs_delivered, any),
            1 => (Index::rs_delivered, sized & 0x7fff_ffff),
            2 => (Index::interval_us, any),
            3 => (Index::interval_us, sized),
            4 => (Index::rtt_us, sized),
            5 => (Index::losses, any),
            6 => (Index::acked_sacked, sized & 0x3fff_ffff),
            _ => (Index::prior_in_flight, any),
        };
        self.set(field, value)
    }

    /// A field has an unusual value.
    pub(super) fn extreme_custom(&mut self) -> Result {
        let any = u64::from(self.random.any()) << 32 | u64::from(self.random.any());
        let sized = any.checked_shr(self.random.below(64)).unwrap_or(0);
        let is_undefined = self.random.below(16) == 0;
        let (field, value) = match self.random.below(16) {
            0 if is_undefined => (Index::mss_cache, 0),
            0 => (Index::mss_cache, sized & 0x1ffff | 1),
            1 => (Index::mss_cache, MSS),
            2 if is_undefined => (Index::sk_pacing_shift, any & 0xff),
            2 => (Index::sk_pacing_shift, any & 0x3f),
            3 => (Index::sk_pacing_shift, 10),
            4 => (Index::sk_max_pacing_rate, sized),
            5 => (Index::sk_max_pacing_rate, u64::MAX),
            6 => (Index::srtt_us, sized),
            7 => (Index::min_rtt_us, sized),
            8 => (Index::delivered, sized),
            9 => (Index::lost, sized),
            10 => (Index::delivered_mstamp, any),
            11 => (Index::tcp_wstamp_ns, any),
            12 => (Index::tcp_clock_cache, any),
            13 => (Index::packets_out, sized),
            14 => (Index::sacked_out, sized & 0xffff),
            _ => (Index::app_limited, sized),
        };
        self.set(field, value)
    }
}
