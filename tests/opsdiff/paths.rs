// SPDX-License-Identifier: GPL-2.0-only

//! What is counted: the ways through a table that a connection takes.
//!
//! A path is named after what happens to the connection, since that is the same for every table;
//! what a table does then is its own affair. Each path has [`VARIANTS`] connections, of other
//! windows and round trip times.

use crate::{
    c,
    connection::{
        ca,
        event::{
            COMPLETE_CWR,
            CWND_RESTART,
            ECN_IS_CE,
            ECN_NO_CE,
            LOSS, //
        },
        MSS,
        SECOND,
        TICK, //
    },
    event::{
        Event,
        Kind, //
    },
    side::{
        Index,
        Side,
        Table, //
    },
};
use kernel::prelude::*;

/// How many connections there are of a path.
pub(crate) const VARIANTS: u32 = 64;

/// A way through a callback.
pub(crate) struct Path {
    /// What happens, with `_` between its words.
    pub(crate) name: &'static str,
    /// Makes the connection on which it does, and says how the callback is called.
    pub(crate) prepare: fn(&mut Scene<'_>) -> Event,
}

/// The paths, in the order in which a connection meets them.
pub(crate) const PATHS: &[Path] = &[
    path("a_new_connection", |scene| {
        scene.new_connection();
        call(Kind::init, &[])
    }),
    path("slow_start", |scene| {
        scene.slow_start();
        scene.acknowledge(2)
    }),
    path("slow_start,_a_large_ACK", |scene| {
        scene.slow_start();
        let half = scene.cwnd / 2;
        scene.acknowledge(half)
    }),
    path("slow_start_reaches_ssthresh", |scene| {
        scene.slow_start();
        scene.set(Index::snd_ssthresh, u64::from(scene.cwnd) + 1);
        scene.acknowledge(4)
    }),
    path("the_application_is_the_limit", |scene| {
        scene.congestion_avoidance();
        scene.set(Index::is_cwnd_limited, 0);
        scene.set(Index::max_packets_out, 1);
        scene.acknowledge(2)
    }),
    path("congestion_avoidance,_the_same_tick", |scene| {
        scene.congestion_avoidance();
        scene.happen(scene.acknowledged(2));
        scene.set(Index::snd_cwnd_cnt, 0);
        scene.acknowledge(2)
    }),
    path("congestion_avoidance,_a_later_tick", |scene| {
        scene.congestion_avoidance();
        scene.pass(SECOND / 32 + TICK);
        scene.set(Index::snd_cwnd_cnt, 0);
        scene.acknowledge(2)
    }),
    path("congestion_avoidance,_after_many_windows", |scene| {
        scene.congestion_avoidance();
        let cwnd = scene.cwnd;
        for _ in 0..32 {
            scene.happen(scene.acknowledged(cwnd));
            scene.set(Index::snd_cwnd, cwnd.into());
            scene.set(Index::snd_cwnd_cnt, 0);
        }
        scene.pass(SECOND / 32 + TICK);
        scene.acknowledge(2)
    }),
    path("congestion_avoidance,_the_window_grows", |scene| {
        scene.congestion_avoidance();
        scene.happen(scene.acknowledged(1));
        scene.set(Index::snd_cwnd_cnt, scene.cwnd.into());
        scene.acknowledge(2)
    }),
    path("the_first_ACK_after_a_recovery", |scene| {
        scene.slow_start();
        scene.recovery();
        scene.pass(scene.rtt.into());
        scene.acknowledge(2)
    }),
    path("the_rate_grows,_within_a_round", |scene| {
        scene.rounds(2, 2);
        scene.controlled(2)
    }),
    path("the_rate_grows,_a_round_begins", |scene| {
        scene.rounds(2, 2);
        scene.round_ends();
        scene.controlled(2)
    }),
    path("the_rate_grows_no_more", |scene| {
        scene.rounds(2, 2);
        scene.rounds(3, 1);
        scene.round_ends();
        scene.controlled(2)
    }),
    path("a_steady_rate,_within_a_round", |scene| {
        scene.steady();
        scene.controlled(2)
    }),
    path("a_steady_rate,_a_round_begins", |scene| {
        scene.steady();
        scene.round_ends();
        scene.controlled(2)
    }),
    path("a_steady_rate,_the_application_is_the_limit", |scene| {
        scene.steady();
        scene.set(Index::is_app_limited, 1);
        scene.controlled(2)
    }),
    path("a_steady_rate,_packets_are_lost", |scene| {
        scene.steady();
        scene.happen(call(Kind::set_state, &[ca::RECOVERY]));
        let lost = u64::from(scene.side.get(Index::lost)) + 2;
        scene.set(Index::lost, lost);
        scene.set(Index::losses, 2);
        scene.controlled(2)
    }),
    path("the_shortest_RTT_is_ten_seconds_old", |scene| {
        scene.steady();
        scene.pass(10 * SECOND + 1);
        scene.controlled(2)
    }),
    path("to_see_how_short_the_RTT_is", |scene| {
        scene.steady();
        scene.pass(10 * SECOND + 1);
        let event = scene.controlled(2);
        scene.happen(event);
        scene.window(4);
        scene.pass(1000);
        scene.controlled(1)
    }),
    path("no_RTT_sample", |scene| {
        scene.slow_start();
        call(
            Kind::pkts_acked,
            &[2, u64::from(-1_i32 as u32), scene.cwnd.into()],
        )
    }),
    path("slow_start,_a_round_begins", |scene| {
        scene.slow_start();
        scene.next_round();
        scene.sample(scene.rtt)
    }),
    path("slow_start,_within_a_round", |scene| {
        scene.slow_start();
        scene.next_round();
        for _ in 0..1 + scene.variant % 12 {
            scene.happen(scene.sample(scene.rtt));
            scene.pass(100);
        }
        scene.sample(scene.rtt)
    }),
    path("slow_start_meets_a_queue", |scene| {
        scene.slow_start();
        scene.next_round();
        for _ in 0..8 {
            scene.pass(3000);
            scene.happen(scene.sample(2 * scene.rtt + 20_000));
        }
        scene.pass(3000);
        scene.sample(2 * scene.rtt + 20_000)
    }),
    path("after_slow_start_met_a_queue", |scene| {
        scene.slow_start();
        scene.next_round();
        for _ in 0..10 {
            scene.pass(3000);
            scene.happen(scene.sample(2 * scene.rtt + 20_000));
        }
        scene.sample(2 * scene.rtt)
    }),
    path("right_after_a_recovery", |scene| {
        scene.congestion_avoidance();
        scene.sample(scene.rtt)
    }),
    path("congestion_avoidance", |scene| {
        scene.congestion_avoidance();
        scene.pass(2 * SECOND);
        scene.sample(scene.rtt)
    }),
    path("a_loss", |scene| {
        scene.slow_start();
        call(Kind::ssthresh, &[])
    }),
    path("a_loss_in_a_smaller_window", |scene| {
        scene.congestion_avoidance();
        call(Kind::ssthresh, &[])
    }),
    path("it_was_no_loss", |scene| {
        scene.slow_start();
        scene.recovery();
        call(Kind::undo_cwnd, &[])
    }),
    path("Open", |scene| {
        scene.congestion_avoidance();
        call(Kind::set_state, &[ca::OPEN])
    }),
    path("Recovery", |scene| {
        scene.congestion_avoidance();
        call(Kind::set_state, &[ca::RECOVERY])
    }),
    path("Loss", |scene| {
        scene.congestion_avoidance();
        call(Kind::set_state, &[ca::LOSS])
    }),
    path("LOSS", |scene| {
        scene.congestion_avoidance();
        call(Kind::cwnd_event, &[LOSS])
    }),
    path("CWND_RESTART", |scene| {
        scene.congestion_avoidance();
        call(Kind::cwnd_event, &[CWND_RESTART])
    }),
    path("COMPLETE_CWR", |scene| {
        scene.congestion_avoidance();
        call(Kind::cwnd_event, &[COMPLETE_CWR])
    }),
    path("ECN_NO_CE,_as_before", |scene| {
        scene.congestion_avoidance();
        scene.happen(call(Kind::cwnd_event, &[ECN_NO_CE]));
        call(Kind::cwnd_event, &[ECN_NO_CE])
    }),
    path("ECN_IS_CE,_as_before", |scene| {
        scene.congestion_avoidance();
        scene.happen(call(Kind::cwnd_event, &[ECN_IS_CE]));
        call(Kind::cwnd_event, &[ECN_IS_CE])
    }),
    path("ECN_IS_CE,_the_first", |scene| {
        scene.congestion_avoidance();
        scene.happen(call(Kind::cwnd_event, &[ECN_NO_CE]));
        call(Kind::cwnd_event, &[ECN_IS_CE])
    }),
    path("packets_in_a_row", |scene| {
        scene.congestion_avoidance();
        scene.set(Index::lsndtime, scene.now.into());
        call(Kind::cwnd_event_tx_start, &[])
    }),
    path("after_idle_time", |scene| {
        scene.congestion_avoidance();
        scene.pass(SECOND / 2);
        call(Kind::cwnd_event_tx_start, &[])
    }),
    path("within_a_window", |scene| {
        scene.congestion_avoidance();
        call(Kind::in_ack_event, &[0])
    }),
    path("the_end_of_a_window", |scene| {
        scene.congestion_avoidance();
        scene.deliver(scene.cwnd, scene.cwnd / 4);
        scene.next_round();
        call(Kind::in_ack_event, &[0])
    }),
    path("TSO", |scene| {
        scene.congestion_avoidance();
        call(Kind::min_tso_segs, &[])
    }),
    path("the_send_buffer", |scene| {
        scene.congestion_avoidance();
        call(Kind::sndbuf_expand, &[])
    }),
    path("ss_asks", |scene| {
        scene.congestion_avoidance();
        const EVERYTHING: u64 = u32::MAX as u64;
        call(Kind::get_info, &[EVERYTHING])
    }),
    path("the_end", |scene| {
        scene.congestion_avoidance();
        call(Kind::release, &[])
    }),
];

/// A path.
pub(crate) const fn path(name: &'static str, prepare: fn(&mut Scene<'_>) -> Event) -> Path {
    Path { name, prepare }
}

/// A call.
pub(crate) fn call(kind: Kind, arguments: &[u64]) -> Event {
    Event::new(kind, arguments)
}

/// A connection, and the time.
pub(crate) struct Scene<'t> {
    pub(crate) side: Side<'t>,
    /// The jiffies clock.
    pub(crate) now: u32,
    /// The number of the connection, below [`VARIANTS`].
    pub(crate) variant: u32,
    /// The window that it has had without a loss, in packets, and its RTT in microseconds.
    pub(crate) cwnd: u32,
    pub(crate) rtt: u32,
    /// What a custom control is shown as delivered in a round trip, in packets; 0 before the first.
    rate: u32,
    /// The time, in microseconds.
    micros: u64,
}

impl<'t> Scene<'t> {
    /// Nothing yet.
    pub(crate) fn new(table: &'t Table, variant: u32) -> Result<Self> {
        const RTTS: [u32; 8] = [1, 5, 20, 40, 80, 120, 200, 350];
        Ok(Self {
            side: Side::new(table)?,
            now: 0,
            variant,
            cwnd: 16 << (variant % 8),
            rtt: RTTS[(variant / 8 % 8) as usize] * 1000,
            rate: 0,
            micros: 0,
        })
    }

    /// What is to happen.
    pub(crate) fn prepare(&mut self, path: &Path) -> Event {
        self.side.clear();
        self.micros = u64::from(1000 + self.variant) * SECOND;
        self.pass(0);
        (path.prepare)(self)
    }

    /// Has a callback called.
    pub(crate) fn happen(&mut self, event: Event) {
        c::set_event(0, &event);
        c::at(self.now, || self.side.apply(&event));
    }

    pub(crate) fn set(&mut self, field: Index, value: u64) {
        self.side
            .apply(&Event::new(Kind::Set, &[field as u64, value]));
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, micros: u64) {
        self.micros += micros;
        self.now = (self.micros / TICK) as u32;
        self.set(Index::tcp_mstamp, self.micros);
    }

    /// A connection that is established, with ECN.
    pub(crate) fn new_connection(&mut self) {
        const TCP_ECN_MODE_RFC3168: u64 = 1;
        for (field, value) in [
            (Index::mss_cache, MSS),
            (Index::sk_gso_max_size, 65_536),
            (Index::ecn_flags, TCP_ECN_MODE_RFC3168),
            (Index::srtt_us, 8 * u64::from(self.rtt)),
            (Index::snd_una, 1_000_000),
            (Index::lsndtime, self.now.into()),
        ] {
            self.set(field, value);
        }
        self.window(10);
    }

    /// The window, all of which is in flight.
    pub(crate) fn window(&mut self, cwnd: u32) {
        let una = self.side.get(Index::snd_una);
        let nxt = una.wrapping_add(cwnd.wrapping_mul(MSS as u32));
        self.set(Index::snd_cwnd, cwnd.into());
        self.set(Index::snd_nxt, nxt.into());
        self.set(Index::max_packets_out, cwnd.into());
        self.set(Index::packets_out, cwnd.into());
    }

    /// Counts packets as delivered, some of them with an ECN mark.
    pub(crate) fn deliver(&mut self, packets: u32, marked: u32) {
        let delivered = self.side.get(Index::delivered).wrapping_add(packets);
        let ce = self.side.get(Index::delivered_ce).wrapping_add(marked);
        self.set(Index::delivered, delivered.into());
        self.set(Index::delivered_ce, ce.into());
    }

    /// Everything that was sent is acknowledged, and as much is sent.
    pub(crate) fn next_round(&mut self) {
        let nxt = self.side.get(Index::snd_nxt).wrapping_add(1);
        self.set(Index::snd_una, nxt.into());
        let cwnd = self.side.get(Index::snd_cwnd);
        self.window(cwnd);
    }

    /// The callback for an ACK's RTT, in microseconds.
    pub(crate) fn sample(&self, rtt: u32) -> Event {
        call(Kind::pkts_acked, &[2, rtt.into(), self.cwnd.into()])
    }

    /// The callback for so many packets acknowledged.
    pub(crate) fn acknowledged(&self, packets: u32) -> Event {
        let una = self.side.get(Index::snd_una);
        call(Kind::cong_avoid, &[una.into(), packets.into()])
    }

    /// So many packets are acknowledged: the callback for it.
    pub(crate) fn acknowledge(&mut self, packets: u32) -> Event {
        let una = self.side.get(Index::snd_una);
        let una = una.wrapping_add(packets.wrapping_mul(MSS as u32));
        self.set(Index::snd_una, una.into());
        self.deliver(packets, 0);
        self.acknowledged(packets)
    }

    /// The callback of a custom control for so many packets acknowledged, which were sent a round
    /// trip ago; since then a window of packets was delivered.
    pub(crate) fn controlled(&mut self, packets: u32) -> Event {
        let una = self.side.get(Index::snd_una);
        let una = una.wrapping_add(packets.wrapping_mul(MSS as u32));
        let cwnd = self.side.get(Index::snd_cwnd);
        self.deliver(packets, 0);
        let delivered = self.side.get(Index::delivered);
        for (field, value) in [
            (Index::snd_una, una.into()),
            (Index::delivered_mstamp, self.micros),
            (Index::tcp_clock_cache, self.micros * 1000),
            (Index::tcp_wstamp_ns, self.micros * 1000),
            (Index::min_rtt_us, self.rtt.into()),
            (
                Index::prior_mstamp,
                self.micros.wrapping_sub(self.rtt.into()),
            ),
            (
                Index::prior_delivered,
                delivered.saturating_sub(self.rate).into(),
            ),
            (Index::rs_delivered, self.rate.into()),
            (Index::interval_us, self.rtt.into()),
            (Index::rtt_us, self.rtt.into()),
            (Index::acked_sacked, packets.into()),
            (Index::prior_in_flight, cwnd.into()),
        ] {
            self.set(field, value);
        }
        call(Kind::cong_control, &[una.into(), 0])
    }

    /// Round trips of a custom control, in each of which the rate grows by this factor.
    pub(crate) fn rounds(&mut self, count: u32, growth: u32) {
        if self.rate == 0 {
            self.new_connection();
            self.happen(call(Kind::init, &[]));
            self.rate = 10;
        }
        for _ in 0..count {
            self.rate *= growth;
            for _ in 0..4 {
                self.pass(u64::from(self.rtt) / 4);
                let event = self.controlled((self.rate / 4).max(1));
                self.happen(event);
                let cwnd = self.side.get(Index::snd_cwnd);
                self.window(cwnd);
            }
        }
    }

    /// As many packets are delivered as were in flight when the round began.
    pub(crate) fn round_ends(&mut self) {
        let rate = self.rate;
        self.deliver(2 * rate, 0);
        self.pass(self.rtt.into());
    }

    /// The rate that the path has, for long.
    pub(crate) fn steady(&mut self) {
        self.rounds(2, 2);
        self.rounds(24, 1);
    }

    /// Slow start, up to the connection's window.
    pub(crate) fn slow_start(&mut self) {
        self.new_connection();
        self.happen(call(Kind::init, &[]));
        let mut cwnd = 10;
        while cwnd < self.cwnd {
            self.pass(self.rtt.into());
            self.next_round();
            self.happen(call(Kind::in_ack_event, &[0]));
            self.happen(self.sample(self.rtt));
            let event = self.acknowledge(2);
            self.happen(event);
            cwnd = self.cwnd.min(2 * cwnd);
            self.window(cwnd);
        }
        self.set(Index::snd_ssthresh, i32::MAX as u64);
    }

    /// A loss, and fast recovery.
    pub(crate) fn recovery(&mut self) {
        let (cwnd, ssthresh) = (
            self.side.get(Index::snd_cwnd),
            self.side.get(Index::snd_ssthresh),
        );
        self.set(Index::prior_ssthresh, ssthresh.into());
        self.set(Index::prior_cwnd, cwnd.into());
        self.happen(call(Kind::ssthresh, &[]));
        self.happen(call(Kind::set_state, &[ca::RECOVERY]));
        let ssthresh = self.side.get(Index::snd_ssthresh);
        self.window(cwnd.min(ssthresh).max(1));
        self.pass(self.rtt.into());
        self.next_round();
        self.happen(call(Kind::set_state, &[ca::OPEN]));
    }

    /// Slow start, a loss, and a round trip of congestion avoidance.
    pub(crate) fn congestion_avoidance(&mut self) {
        self.slow_start();
        self.recovery();
        for _ in 0..2 {
            self.pass(u64::from(self.rtt) / 2);
            self.happen(call(Kind::in_ack_event, &[0]));
            self.happen(self.sample(self.rtt));
            let event = self.acknowledge(2);
            self.happen(event);
        }
        self.cwnd = self.side.get(Index::snd_cwnd);
        self.window(self.cwnd);
    }
}
