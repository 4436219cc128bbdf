// SPDX-License-Identifier: GPL-2.0-only

//! The RTTs of a round trip, as Vegas and those after it measure them.
//!
//! The queue of a path shows in the RTT: it is what the RTT has beyond its minimum. The minimum of
//! all samples stands for the path without a queue, and that of a round trip for the path now. Both
//! are minima, since a receiver that delays ACKs makes samples longer, and never shorter.
//!
//! What was measured before a pause, a loss or a recovery says nothing of the round trip after it.
//! So the measurement begins again then, and a round trip passes before it is used.
//!
//! C source: [`net/ipv4/tcp_vegas.c`](srctree/net/ipv4/tcp_vegas.c) by Stephen Hemminger, whose
//! functions YeAH uses too.

use crate::{
    state,
    AckSample,
    CaState,
    Info,
    SeqNo,
    Sock,
    Usecs32,
    VegasInfo, //
};

/// Longer than any RTT: there is no sample yet.
pub const NO_RTT: Usecs32 = Usecs32::new(i32::MAX as u32);

/// A round trip with this many samples or fewer is not used. Two are what a receiver that delays
/// its ACKs may leave of a small window, and then both are delayed.
pub const FEW_SAMPLES: u16 = 2;

state! {
    /// What is measured in a connection. The layout is that of C's `struct vegas`.
    pub struct Vegas {
        /// The sequence number whose ACK ends this round trip.
        pub beg_snd_nxt: SeqNo,
        /// The one that ended the last.
        pub beg_snd_una: SeqNo,
        /// The window at the end of the last round trip, in packets.
        pub beg_snd_cwnd: u32,
        /// Not 0 while measurements are of use.
        pub doing_vegas_now: u8,
        /// RTT samples in this round trip.
        pub cnt_rtt: u16,
        /// The shortest RTT of this round trip.
        pub min_rtt: Usecs32,
        /// The shortest RTT of the connection, or since the last pause.
        pub base_rtt: Usecs32,
    }
}

impl Vegas {
    /// Begins to measure, and forgets all that was measured.
    #[inline]
    pub fn init(&mut self, sk: &Sock) {
        self.base_rtt = NO_RTT;
        self.enable(sk);
    }

    /// Begins to measure, with what is sent next.
    #[inline]
    fn enable(&mut self, sk: &Sock) {
        self.doing_vegas_now = 1;
        self.beg_snd_nxt = sk.snd_nxt();
        self.begin_round();
    }

    /// Forgets the samples of a round trip.
    #[inline]
    pub fn begin_round(&mut self) {
        self.cnt_rtt = 0;
        self.min_rtt = NO_RTT;
    }

    /// Measures in the open state only, from its beginning.
    #[inline]
    pub fn set_state(&mut self, sk: &Sock, new_state: CaState) {
        if new_state == CaState::OPEN {
            self.enable(sk);
        } else {
            self.doing_vegas_now = 0;
        }
    }

    /// Takes the sample of an ACK. It counts as a microsecond longer, so that none is 0.
    #[inline]
    pub fn pkts_acked(&mut self, sample: &AckSample) {
        let Some(rtt) = sample.rtt() else {
            return;
        };
        let rtt = Usecs32::new(rtt.get() as u32) + Usecs32::new(1);
        self.base_rtt = self.base_rtt.min(rtt);
        self.min_rtt = self.min_rtt.min(rtt);
        self.cnt_rtt = self.cnt_rtt.wrapping_add(1);
    }

    /// What `ss` shows.
    #[inline]
    pub fn info(&self) -> Info {
        Info::Vegas(VegasInfo {
            enabled: self.doing_vegas_now.into(),
            rttcnt: self.cnt_rtt.into(),
            rtt: self.base_rtt.get(),
            minrtt: self.min_rtt.get(),
        })
    }
}
