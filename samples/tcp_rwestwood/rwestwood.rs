// SPDX-License-Identifier: GPL-2.0-only

//! Westwood+: after a loss, a window that fills the path as it was measured.
//!
//! Reno halves its window, whatever the loss was. Here the ACKs say how many bytes a second arrive,
//! and that rate times the shortest RTT is what the path holds without a queue. A loss of a radio
//! link leaves the rate as it is, so little is given up; a queue in front of the loss goes. Between
//! losses it is Reno.
//!
//! A sample of the rate takes an RTT, or 50 ms if that is longer: over less, ACKs that come in
//! bursts would show rates that the path does not have. Two filters, one behind the other, smooth
//! the samples.
//!
//! The reference is [`net/ipv4/tcp_westwood.c`](srctree/net/ipv4/tcp_westwood.c) by Stephen
//! Hemminger and Angelo Dell'Aera, after Mascolo, Casetti, Gerla, Sanadidi and Wang, "TCP Westwood:
//! Bandwidth Estimation for Enhanced Transport over Wireless Links", MobiCom 2001, and Grieco and
//! Mascolo, "Performance Evaluation and Comparison of Westwood+, New Reno, and Vegas TCP Congestion
//! Control", ACM CCR, 2004. Results are the same, bit for bit, wherever C is defined. The
//! differences:
//!
//! | input                                    | C                       | here                    |
//! |------------------------------------------|-------------------------|-------------------------|
//! | an MSS of 0                              | divides by it           | a window of 2           |
//! | a threshold of 2^31 or more is to be set | sets it                 | sets 2^31 - 1           |

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    jiffies_to_usecs,
    prelude::*,
    usecs_to_jiffies,
    VegasInfo, //
};

state! {
    /// The state of a connection. The layout is that of C's `struct westwood`.
    pub struct Westwood {
        /// The rate after the first filter, in bytes per tick.
        pub bw_ns_est: Wrapping32,
        /// The rate after the second.
        pub bw_est: Wrapping32,
        /// The start of this sample.
        pub rtt_win_sx: Jiffies32,
        /// Bytes acknowledged since then.
        pub bk: Bytes,
        /// What was acknowledged up to the last ACK.
        pub snd_una: SeqNo,
        /// Bytes that the last ACK of the slow path counted for.
        pub cumul_ack: Bytes,
        /// Bytes that duplicate ACKs have counted, which a later ACK acknowledges once more.
        pub accounted: Bytes,
        /// The last RTT, in ticks.
        pub rtt: Wrapping32,
        /// The shortest one, in ticks.
        pub rtt_min: Wrapping32,
        /// Not 0 before the first ACK.
        pub first_ack: u8,
        /// Not 0 if the next RTT is the shortest one.
        pub reset_rtt_min: u8,
    }
}

/// Westwood+.
pub struct Rwestwood;

impl CongestionControl for Rwestwood {
    type State = Westwood;

    const OPS: Ops<Self> = Ops {
        name: "rwestwood",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(init),
            cwnd_event: Some(cwnd_event),
            in_ack_event: Some(in_ack_event),
            pkts_acked: Some(pkts_acked),
            get_info: Some(get_info),
            ..Optional::NONE
        },
    };
}

fn init(sk: &mut Sock<Init<Westwood>>) {
    let (sk, w) = sk.split();
    w.bk = Bytes::ZERO;
    w.bw_ns_est = Wrapping32::ZERO;
    w.bw_est = Wrapping32::ZERO;
    w.accounted = Bytes::ZERO;
    w.cumul_ack = Bytes::ZERO;
    w.reset_rtt_min = 1;
    // Longer than any that will be measured.
    w.rtt = Wrapping32::new(20) * hz();
    w.rtt_min = w.rtt;
    w.rtt_win_sx = Jiffies32::now();
    w.snd_una = sk.snd_una();
    w.first_ack = 1;
}

fn pkts_acked(_: &mut Sock, w: &mut Westwood, sample: &AckSample) {
    if let Some(rtt) = sample.rtt().filter(|rtt| !rtt.is_zero()) {
        let ticks = usecs_to_jiffies(Usecs32::new(rtt.get() as u32));
        w.rtt = Wrapping32::new(ticks as u32);
    }
}

fn in_ack_event(sk: &mut Sock<Event<Westwood>>, flags: AckEventFlags) {
    let (sk, w) = sk.split();
    w.update_window(sk);
    let acked = if flags.contains(AckEventFlags::SLOWPATH) {
        w.acked_count(sk)
    } else {
        sk.snd_una().since(w.snd_una)
    };
    w.bk += acked;
    w.snd_una = sk.snd_una();
    w.update_rtt_min();
}

/// Sets the threshold to what the path holds, and after a recovery the window too.
fn cwnd_event(sk: &mut Sock<Event<Westwood>>, event: CwndEvent) {
    let (sk, w) = sk.split();
    match event {
        CwndEvent::COMPLETE_CWR => {
            let held = w.bw_rttmin(sk);
            sk.set_snd_ssthresh(held);
            sk.set_snd_cwnd(Cwnd::clamped(held.packets()));
        }
        CwndEvent::LOSS => {
            let held = w.bw_rttmin(sk);
            sk.set_snd_ssthresh(held);
            // What timed out may have been on another path.
            w.reset_rtt_min = 1;
        }
        _ => (),
    }
}

fn get_info(_: &Sock<Unlocked>, w: &Westwood) -> Info {
    Info::Vegas(VegasInfo {
        enabled: 1,
        rttcnt: 0,
        rtt: jiffies_to_usecs(w.rtt.get().into()).get(),
        minrtt: jiffies_to_usecs(w.rtt_min.get().into()).get(),
    })
}

/// Returns `7/8 old + 1/8 new`.
pub fn low_pass(old: Wrapping32, new: Wrapping32) -> Wrapping32 {
    (7 * old + new) >> 3
}

impl Westwood {
    /// Ends the sample of the rate if it is long enough.
    fn update_window(&mut self, sk: &Sock) {
        let now = Jiffies32::now();
        // A start in the future is long ago.
        let passed = Wrapping32::new(now.since(self.rtt_win_sx).get() as u32);
        if self.first_ack != 0 {
            // What came before it was not sent by this algorithm.
            self.snd_una = sk.snd_una();
            self.first_ack = 0;
        }
        let least = Wrapping32::new(hz() / 20);
        if !self.rtt.is_zero() && passed > self.rtt.max(least) {
            self.filter(Wrapping32::from(self.bk) / passed);
            self.bk = Bytes::ZERO;
            self.rtt_win_sx = now;
        }
    }

    /// Adds a sample of the rate, in bytes per tick. The first one counts as it is.
    fn filter(&mut self, sample: Wrapping32) {
        if self.bw_ns_est.is_zero() && self.bw_est.is_zero() {
            self.bw_ns_est = sample;
            self.bw_est = sample;
        } else {
            self.bw_ns_est = low_pass(self.bw_ns_est, sample);
            self.bw_est = low_pass(self.bw_est, self.bw_ns_est);
        }
    }

    /// Returns the bytes that an ACK of the slow path counts for. A duplicate says that a packet
    /// has arrived, and counts for one; the ACK that at last acknowledges those counts for the rest
    /// only.
    fn acked_count(&mut self, sk: &Sock) -> Bytes {
        let mss = sk.mss_cache();
        self.cumul_ack = sk.snd_una().since(self.snd_una);
        if self.cumul_ack.is_zero() {
            self.accounted += mss;
            self.cumul_ack = mss;
        }
        if self.cumul_ack > mss {
            if self.accounted >= self.cumul_ack {
                self.accounted -= self.cumul_ack;
                self.cumul_ack = mss;
            } else {
                self.cumul_ack -= self.accounted;
                self.accounted = Bytes::ZERO;
            }
        }
        self.cumul_ack
    }

    /// Notes the shortest RTT.
    fn update_rtt_min(&mut self) {
        if self.reset_rtt_min != 0 {
            self.rtt_min = self.rtt;
            self.reset_rtt_min = 0;
        } else {
            self.rtt_min = self.rtt_min.min(self.rtt);
        }
    }

    /// Returns what the path holds without a queue.
    fn bw_rttmin(&self, sk: &Sock) -> Ssthresh {
        let held = self.bw_est * self.rtt_min / Wrapping32::from(sk.mss_cache());
        Ssthresh::clamped(Packets::from(held))
    }
}
