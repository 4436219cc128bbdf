// SPDX-License-Identifier: GPL-2.0-only

//! The samples' algorithms, as they are, on sockets that are plain structs.

#[path = "../../samples/tcp_rcubic/rcubic.rs"]
#[allow(unused_attributes)]
mod rcubic;

#[path = "../../samples/tcp_rreno/rreno.rs"]
#[allow(unused_attributes)]
mod rreno;

use rcubic::Rcubic;
use rreno::Rreno;
use std::marker::PhantomData;
use tcp_cc::{
    callbacks,
    CaState,
    CongestionControl, //
};
use tcp_cc_backend::{
    hz,
    set_jiffies32,
    RawAckSample,
    RawSock, //
};

/// A connection that uses `A`.
struct Connection<A> {
    sk: RawSock,
    algorithm: PhantomData<A>,
}

impl<A: CongestionControl> Connection<A> {
    fn new(sk: RawSock) -> Self {
        let mut connection = Self {
            sk,
            algorithm: PhantomData,
        };
        // SAFETY: As the kernel calls it, with a socket that is ours.
        unsafe { callbacks::init::<A>(&mut connection.sk) };
        connection
    }

    fn cong_avoid(&mut self, acked: u32) {
        // SAFETY: As the kernel calls it, with a socket that is ours.
        unsafe { callbacks::cong_avoid::<A>(&mut self.sk, 0, acked) };
    }

    fn pkts_acked(&mut self, rtt_us: i32) {
        let sample = RawAckSample {
            pkts_acked: 1,
            rtt_us,
            in_flight: 0,
        };
        // SAFETY: As above; `sample` lives until the end of this function.
        unsafe { callbacks::pkts_acked::<A>(&mut self.sk, &sample) };
    }

    fn ssthresh(&mut self) -> u32 {
        // SAFETY: As above.
        unsafe { callbacks::ssthresh::<A>(&mut self.sk) }
    }

    fn undo_cwnd(&mut self) -> u32 {
        // SAFETY: As above.
        unsafe { callbacks::undo_cwnd::<A>(&mut self.sk) }
    }

    /// A loss, as the kernel handles it but for the reduction's pace.
    fn reduce(&mut self) {
        self.sk.prior_cwnd = self.sk.snd_cwnd;
        self.sk.snd_ssthresh = self.ssthresh();
        self.sk.snd_cwnd = self.sk.snd_ssthresh;
        self.sk.snd_cwnd_cnt = 0;
    }

    /// A round trip: every packet of the window is acknowledged, evenly spread over `rtt` ticks.
    fn round_trip(&mut self, start: u32, rtt: u32) {
        let cwnd = self.sk.snd_cwnd;
        for packet in 0..cwnd {
            let now = start.wrapping_add(packet * rtt / cwnd);
            set_jiffies32(now);
            self.sk.tcp_mstamp = u64::from(now) * u64::from(1_000_000 / hz());
            self.pkts_acked((rtt * (1_000_000 / hz())) as i32);
            self.cong_avoid(1);
        }
    }
}

#[test]
fn reno_doubles_then_adds_one_then_halves() {
    let mut reno = Connection::<Rreno>::new(RawSock {
        snd_ssthresh: 40,
        ..RawSock::default()
    });
    let mut windows = Vec::new();
    for _ in 0..5 {
        reno.round_trip(0, 100);
        windows.push(reno.sk.snd_cwnd);
    }
    assert_eq!(windows, [20, 40, 41, 42, 43]);
    reno.reduce();
    assert_eq!(reno.sk.snd_cwnd, 21);
    assert_eq!(reno.undo_cwnd(), 43);
}

/// RFC 9438, equations 1 and 2, in floating point.
fn w_cubic(t: f64, w_max: f64, cwnd_epoch: f64) -> f64 {
    const C: f64 = 0.4;
    let k = ((w_max - cwnd_epoch) / C).cbrt();
    C * (t - k).powi(3) + w_max
}

/// What is left of the window, as the algorithm has it: 717/1024.
const BETA: f64 = 717.0 / 1024.0;

fn follows_the_curve(w_max: u32, start: u32) {
    // The algorithm's C is that of the RFC at this RTT.
    let rtt = hz() / 10;
    set_jiffies32(start);
    let mut cubic = Connection::<Rcubic>::new(RawSock {
        snd_cwnd: w_max,
        snd_ssthresh: w_max,
        ..RawSock::default()
    });
    cubic.reduce();
    let epoch = f64::from(cubic.sk.snd_cwnd);
    assert_eq!(epoch, (f64::from(w_max) * BETA).floor());

    let rounds = 150;
    for round in 0..rounds {
        cubic.round_trip(start.wrapping_add(round * rtt), rtt);
        let t = f64::from(round + 1) * 0.1;
        let (got, want) = (
            f64::from(cubic.sk.snd_cwnd),
            w_cubic(t, f64::from(w_max), epoch),
        );
        assert!(
            (got - want).abs() <= want * 0.03,
            "{t:.1} s after a loss at {w_max}: a window of {got}, RFC 9438 says {want:.1}"
        );
    }
    assert!(cubic.sk.snd_cwnd > w_max);
}

#[test]
fn cubic_follows_rfc_9438() {
    for w_max in [400, 1000, 3000] {
        follows_the_curve(w_max, 12345);
    }
}

#[test]
fn cubic_follows_rfc_9438_across_the_wrap_of_jiffies() {
    follows_the_curve(1000, u32::MAX - 5 * hz());
}

#[test]
fn cubic_leaves_slow_start_when_the_delay_grows() {
    let mut cubic = Connection::<Rcubic>::new(RawSock {
        sk_pacing_status: 1,
        ..RawSock::default()
    });
    for (round, rtt) in [100, 100, 100, 130].into_iter().enumerate() {
        cubic.sk.snd_una = cubic.sk.snd_nxt.wrapping_add(1);
        cubic.sk.snd_nxt = cubic.sk.snd_nxt.wrapping_add(1000);
        cubic.round_trip(10_000 + 200 * round as u32, rtt);
    }
    assert!(
        cubic.sk.snd_ssthresh < 160,
        "slow start went on to {}",
        cubic.sk.snd_cwnd
    );
    assert_eq!(cubic.sk.mibs.iter().filter(|&&count| count == 1).count(), 1);
}

#[test]
fn cubic_starts_anew_after_a_timeout() {
    let mut cubic = Connection::<Rcubic>::new(RawSock::default());
    cubic.sk.snd_cwnd = 100;
    cubic.reduce();
    assert_eq!(cubic.sk.icsk_ca_priv.0[4..8], 100_u32.to_ne_bytes());
    // SAFETY: As the kernel calls it, with a socket that is ours.
    unsafe { callbacks::set_state::<Rcubic>(&mut cubic.sk, CaState::LOSS.as_raw()) };
    assert_eq!(cubic.sk.icsk_ca_priv.0[4..8], [0; 4]);
}

#[test]
fn any_bytes_are_a_state() {
    let mut seed = 1_u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as u32
    };
    for _ in 0..20_000 {
        let mut cubic = Connection::<Rcubic>::new(RawSock::default());
        for byte in &mut cubic.sk.icsk_ca_priv.0 {
            *byte = random() as u8;
        }
        cubic.sk.snd_cwnd = 1 + random() % (1 << (random() % 31));
        cubic.sk.snd_ssthresh = 2 + random() % (i32::MAX as u32 - 1);
        set_jiffies32(random());
        cubic.cong_avoid(random() % 1000);
        cubic.pkts_acked(random() as i32);
        assert!(cubic.ssthresh() >= 2);
    }
}
