// SPDX-License-Identifier: GPL-2.0-only

//! TCP-LP: takes only what others leave of a path.
//!
//! A connection in the background, as of a backup, should give way before others notice it. The
//! sign is a delay on the way there: the receiver's timestamp less the sender's that it echoes. The
//! clocks differ, in their zero and maybe in their speed, which is estimated; but the difference
//! changes with the queue alone, and a queue in the other direction does not count. If the smoothed
//! delay is more than 15 % of the way from the shortest to the longest, somebody else is there:
//!
//! - for the first time in a while, the window is halved, and does not grow for three RTTs;
//! - again within that time, the window is 1.
//!
//! Otherwise it is Reno.
//!
//! The reference is [`net/ipv4/tcp_lp.c`](srctree/net/ipv4/tcp_lp.c) by Wong Hoi Sing, Edison, and
//! Hung Hing Lun, Mike, after the implementation by Aleksandar Kuzmanovic, and Kuzmanovic and
//! Knightly, "TCP-LP: Low-Priority Service via End-Point Congestion Control", IEEE/ACM ToN, 2006.
//! Results are the same, bit for bit.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    prelude::*,
    Timestamp,
    TimestampTicks, //
};

/// The ticks of a timestamp of ours in a second (`TCP_TS_HZ`). In C it is the same number where
/// they are microseconds.
const TS_HZ: u32 = 1_000;

/// The part of the way from the shortest to the longest delay that is still no sign, in percent
/// (the paper's `delta`).
const THRESHOLD: u32 = 15;

bit_fields! {
    /// What is known of a connection. The layout is that of C's `enum tcp_lp_state`.
    pub struct Flag(u32) {
        /// The speed of the receiver's clock is known.
        valid_rhz / set_valid_rhz: bool;
        /// A delay is known.
        valid_owd / set_valid_owd: bool;
        _: 1;
        /// The delay is no sign of others.
        within_thr / set_within_thr: bool;
        /// The last reduction was less than three RTTs ago.
        within_inf / set_within_inf: bool;
    }
}

state! {
    /// The state of a connection. The layout is that of C's `struct lp`. Delays are in ticks of our
    /// timestamps, from whatever the clocks' difference is.
    pub struct Lp {
        /// What is known.
        pub flag: Flag,
        /// The smoothed delay, in 1/8.
        pub sowd: Wrapping32,
        /// The shortest delay.
        pub owd_min: Wrapping32,
        /// The longest one, but for one that was still longer: that may be a single one.
        pub owd_max: Wrapping32,
        /// The longest one.
        pub owd_max_rsv: Wrapping32,
        /// Ticks of the receiver's timestamps in a second.
        pub remote_hz: u32,
        /// Its last timestamp.
        pub remote_ref_time: Timestamp,
        /// The one of ours that it echoed with that.
        pub local_ref_time: Timestamp,
        /// The last reduction, by our timestamps; 0 for none.
        pub last_drop: Timestamp,
        /// For how long it counts: three RTTs.
        pub inference: Wrapping32,
    }
}

/// TCP-LP.
pub struct Rlp;

impl CongestionControl for Rlp {
    type State = Lp;

    const OPS: Ops<Self> = Ops {
        name: "rlp",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(init),
            pkts_acked: Some(pkts_acked),
            ..Optional::NONE
        },
    };
}

fn init(sk: &mut Sock<Init<Lp>>) {
    *sk.state_mut() = Lp {
        flag: Flag::new(0),
        sowd: Wrapping32::ZERO,
        owd_min: Wrapping32::new(u32::MAX),
        owd_max: Wrapping32::ZERO,
        owd_max_rsv: Wrapping32::ZERO,
        remote_hz: 0,
        remote_ref_time: Timestamp::ZERO,
        local_ref_time: Timestamp::ZERO,
        last_drop: Timestamp::ZERO,
        inference: Wrapping32::ZERO,
    };
}

fn cong_avoid(sk: &mut Sock, lp: &mut Lp, ack: SeqNo, acked: Acked) {
    if !lp.flag.within_inf() {
        reno::cong_avoid(sk, lp, ack, acked);
    }
}

fn pkts_acked(sk: &mut Sock, lp: &mut Lp, sample: &AckSample) {
    let now = sk.tcp_time_stamp();
    if sample.rtt().is_some_and(|rtt| !rtt.is_zero()) {
        lp.take_delay(sk);
    }
    let rtt = now.since(sk.rcv_tsecr());
    if rtt > TimestampTicks::ZERO {
        lp.inference = 3 * Wrapping32::new(rtt.get() as u32);
    }

    let since_drop = Wrapping32::new(now.since(lp.last_drop).get() as u32);
    let within_inf = !lp.last_drop.is_zero() && since_drop < lp.inference;
    lp.flag.set_within_inf(within_inf);
    let sowd = lp.sowd >> 3;
    let allowed = lp.owd_min + THRESHOLD * (lp.owd_max - lp.owd_min) / 100;
    lp.flag.set_within_thr(sowd < allowed);
    if lp.flag.within_thr() {
        return;
    }

    // From now on the queue of the others counts as none, or all delays would be signs.
    lp.owd_min = sowd;
    lp.owd_max = lp.sowd >> 2;
    lp.owd_max_rsv = lp.sowd >> 2;
    sk.set_snd_cwnd(Cwnd::clamped(if within_inf {
        Packets::new(1)
    } else {
        sk.snd_cwnd() >> 1
    }));
    lp.last_drop = now;
}

impl Lp {
    /// Takes the delay of an ACK, if it has one.
    fn take_delay(&mut self, sk: &Sock) {
        let owd = self.one_way_delay(sk);
        if !self.flag.valid_rhz() || !self.flag.valid_owd() {
            return;
        }
        self.owd_min = self.owd_min.min(owd);
        if owd > self.owd_max {
            if owd <= self.owd_max_rsv {
                self.owd_max = owd;
            } else {
                // The first one is all that is known.
                self.owd_max = if self.owd_max_rsv.is_zero() {
                    owd
                } else {
                    self.owd_max_rsv
                };
                self.owd_max_rsv = owd;
            }
        }
        // An eighth of the new, the rest of the old.
        if self.sowd.is_zero() {
            self.sowd = owd << 3;
        } else {
            self.sowd += owd - (self.sowd >> 3);
        }
    }

    /// Returns the delay on the way there: the receiver's time of a packet in our ticks, less ours.
    fn one_way_delay(&mut self, sk: &Sock) -> Wrapping32 {
        self.remote_hz = self.estimate_remote_hz(sk);
        let owd = if self.flag.valid_rhz() {
            let remote = Wrapping32::new(sk.rcv_tsval().get());
            let ticks = Wrapping32::new(TS_HZ) / self.remote_hz;
            remote * ticks - sk.rcv_tsecr().get()
        } else {
            Wrapping32::ZERO
        };
        self.flag.set_valid_owd(!owd.is_zero());
        owd
    }

    /// Estimates how many ticks the receiver's clock has in a second: those that passed on it since
    /// the last ACK over those that passed on ours. 1/64 of the new, the rest of the old.
    fn estimate_remote_hz(&mut self, sk: &Sock) -> u32 {
        let (remote, local) = (sk.rcv_tsval(), sk.rcv_tsecr());
        // In 1/64. C computes it with 32 bits, and adds with 64.
        let mut hz = u64::from(self.remote_hz << 6);
        let is_first = self.remote_ref_time.is_zero() || self.local_ref_time.is_zero();
        if !is_first && remote != self.remote_ref_time && local != self.local_ref_time {
            let passed_there = Wrapping32::new(remote.since(self.remote_ref_time).get() as u32);
            let passed_here = Wrapping32::new(local.since(self.local_ref_time).get() as u32);
            let measured = u64::from((TS_HZ * passed_there / passed_here).get());
            hz = if hz == 0 {
                measured << 6
            } else {
                hz.wrapping_sub(hz >> 6).wrapping_add(measured)
            };
        }
        self.flag.set_valid_rhz(hz >> 6 != 0);
        self.remote_ref_time = remote;
        self.local_ref_time = local;
        (hz >> 6) as u32
    }
}
