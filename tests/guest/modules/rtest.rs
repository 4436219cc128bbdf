// SPDX-License-Identifier: GPL-2.0-only

//! What the samples do not use of the interface: a custom control, parameters of every type,
//! `get_info`, two tables in a module and a third that is fallen back to.

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::{
    prelude::*,
    BbrInfo,
    DctcpInfo,
    Parameters,
    Plb, //
};

parameters! {
    /// What can be set from outside.
    pub struct Params {
        /// the window, in packets
        writable window: u32 = 50, 1..=1000;
        /// the pacing rate, in packets a second above or below 5000
        writable pace: i32 = 0, -4000..=4000;
        /// whether to pace at all
        writable paced: bool = true;
        /// the window's gain, in 1/256
        read_only gain: u32 = 512, 256..=1024;
    }
    derived {
        /// Twice the gain.
        double_gain: u32 = |gain: u32| gain.wrapping_mul(2);
    }
}

state! {
    /// What the custom algorithm remembers.
    pub struct Custom {
        /// The most that was delivered in a microsecond, in 2^-16 packets.
        pub best: u32,
        /// The shortest RTT, in microseconds; 0 for none.
        pub min_rtt: u32,
        /// ACKs seen.
        pub acks: u32,
    }
}

/// A fixed window, paced.
pub struct Rtest;

impl CongestionControl for Rtest {
    type State = Custom;

    const OPS: Ops<Self> = Ops {
        name: "rtest",
        flags: Flags::NON_RESTRICTED,
        control: Control::CongControl(cong_control),
        ssthresh: |_, _| Ssthresh::INFINITE,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(init),
            min_tso_segs: Some(|_, _| Packets::new(2)),
            sndbuf_expand: Some(|_, _| 3),
            get_info: Some(get_info),
            ..Optional::NONE
        },
    };

    const PARAMETERS: Parameters = Params::DECLARED;
}

fn init(sk: &mut Sock<Init<Custom>>) {
    *sk.state_mut() = Custom {
        best: 0,
        min_rtt: 0,
        acks: 0,
    };
    if Params::paced() {
        sk.request_pacing();
    }
}

fn cong_control(sk: &mut Sock, ca: &mut Custom, _ack: SeqNo, _flags: AckFlags, rs: &RateSample) {
    ca.acks = ca.acks.wrapping_add(1);
    if let (Some(delivered), Some(interval)) = (rs.delivered(), rs.interval()) {
        let rate = (delivered << 16) / interval.get() as u32;
        ca.best = ca.best.max(rate.get());
    }
    if let Some(rtt) = rs.rtt() {
        let rtt_us = rtt.get() as u32;
        if ca.min_rtt == 0 || rtt_us < ca.min_rtt {
            ca.min_rtt = rtt_us;
        }
    }
    sk.set_snd_cwnd(Cwnd::clamped(Packets::new(Params::window())));
    if Params::paced() {
        let packets = 5000_i32.wrapping_add(Params::pace()) as u64;
        sk.set_sk_pacing_rate(BytesPerSec::new(u64::from(sk.mss_cache().get())) * packets);
    }
}

fn get_info(sk: &Sock<Unlocked>, ca: &Custom) -> Info {
    Info::Bbr(BbrInfo {
        bw: sk.sk_pacing_rate().get(),
        min_rtt: ca.min_rtt,
        pacing_gain: Params::gain(),
        cwnd_gain: Params::double_gain(),
    })
}

state! {
    /// What the algorithm for ECN remembers.
    pub struct Marks {
        plb: Plb,
        /// Packets that came with a mark.
        pub marked: u32,
        /// Whether the last one did.
        pub ce_state: u32,
    }
}

/// Reno that echoes every mark at once, and does not work without ECN.
pub struct RtestEcn;

impl CongestionControl for RtestEcn {
    type State = Marks;

    const OPS: Ops<Self> = Ops {
        name: "rtest-ecn",
        flags: Flags::NEEDS_ECN.union(Flags::NON_RESTRICTED),
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(ecn_init),
            cwnd_event: Some(ecn_cwnd_event),
            cwnd_event_tx_start: Some(|sk| {
                let (sk, ca) = sk.split();
                ca.plb.check_rehash(sk);
            }),
            in_ack_event: Some(|sk, _| {
                let (sk, ca) = sk.split();
                ca.plb.update(sk, 0);
            }),
            get_info: Some(|sk, ca| Info::Dctcp(ecn_info(sk, ca, true))),
            ..Optional::NONE
        },
    };
}

fn ecn_init(sk: &mut Sock<Init<Marks>>) {
    *sk.state_mut() = Marks {
        plb: Plb::new(),
        marked: 0,
        ce_state: 0,
    };
    if !sk.has_ecn() && !sk.is_unconnected() && sk.fall_back_to::<RtestReno>() {
        sk.clear_ect();
    }
}

fn ecn_cwnd_event(sk: &mut Sock<Event<Marks>>, event: CwndEvent) {
    let ce_state = match event {
        CwndEvent::ECN_IS_CE => 1,
        CwndEvent::ECN_NO_CE => 0,
        CwndEvent::LOSS => {
            let (sk, ca) = sk.split();
            return ca.plb.upon_rto(sk);
        }
        _ => return,
    };
    let ca = sk.state_mut();
    ca.marked = ca.marked.wrapping_add(ce_state);
    if ce_state != ca.ce_state {
        if sk.is_ack_delayed() {
            let rcv_nxt = sk.rcv_nxt();
            sk.send_ack(rcv_nxt);
        }
        sk.ack_now();
    }
    sk.state_mut().ce_state = ce_state;
    sk.set_demand_cwr(ce_state == 1);
}

fn ecn_info(sk: &Sock<Unlocked>, ca: &Marks, enabled: bool) -> DctcpInfo {
    DctcpInfo {
        enabled,
        ce_state: ca.ce_state as u16,
        alpha: ca.marked,
        ab_ecn: sk.delivered_ce().get(),
        ab_tot: sk.delivered().get(),
    }
}

/// What [`RtestEcn`] falls back to.
pub struct RtestReno;

impl CongestionControl for RtestReno {
    type State = Marks;

    const OPS: Ops<Self> = Ops {
        name: "rtest-reno",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            get_info: Some(|sk, ca| Info::Dctcp(ecn_info(sk, ca, false))),
            ..Optional::NONE
        },
    };
}
