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
    AckSample,
    CaState,
    CongestionControl,
    Control,
    SeqNo,
    Sock,
    HZ, //
};
use tcp_cc_backend::{
    ca_priv,
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
        if let Some(init) = A::OPS.hooks.init {
            connection.call(init);
        }
        connection
    }

    fn call<R>(&mut self, callback: impl FnOnce(&mut Sock<'_>, &mut A::State) -> R) -> R {
        let raw: *mut RawSock = &mut self.sk;
        // SAFETY: `raw` is ours, and what is made of it does not outlive this call. `Sock` does not
        // touch the private state, which is large enough and aligned for `A::State` (`state!` and
        // `CaPriv` say so), and for which any bytes are valid.
        let (mut sk, ca) = unsafe { (Sock::from_raw(raw), &mut *ca_priv(raw).cast()) };
        callback(&mut sk, ca)
    }

    fn cong_avoid(&mut self, acked: u32) {
        let Control::Classic(cong_avoid) = A::OPS.control;
        self.call(|sk, ca| cong_avoid(sk, ca, SeqNo::new(0), acked));
    }

    fn pkts_acked(&mut self, rtt_us: i32) {
        let sample = RawAckSample {
            pkts_acked: 1,
            rtt_us,
            in_flight: 0,
        };
        if let Some(pkts_acked) = A::OPS.hooks.pkts_acked {
            // SAFETY: `sample` lives until the end of this function.
            let sample = unsafe { AckSample::from_raw(&sample) };
            self.call(|sk, ca| pkts_acked(sk, ca, &sample));
        }
    }

    /// A loss, as the kernel handles it but for the reduction's pace.
    fn reduce(&mut self) {
        self.sk.prior_cwnd = self.sk.snd_cwnd;
        self.sk.snd_ssthresh = self.call(A::OPS.ssthresh).get();
        self.sk.snd_cwnd = self.sk.snd_ssthresh;
        self.sk.snd_cwnd_cnt = 0;
    }

    /// A round trip: every packet of the window is acknowledged, evenly spread over `rtt` ticks.
    fn round_trip(&mut self, start: u32, rtt: u32) {
        let cwnd = self.sk.snd_cwnd;
        for packet in 0..cwnd {
            let now = start.wrapping_add(packet * rtt / cwnd);
            set_jiffies32(now);
            self.sk.tcp_mstamp = u64::from(now) * u64::from(1_000_000 / HZ);
            self.pkts_acked((rtt * (1_000_000 / HZ)) as i32);
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
    assert_eq!(reno.call(Rreno::OPS.undo_cwnd), 43);
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
    let rtt = HZ / 10;
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
    follows_the_curve(1000, u32::MAX - 5 * HZ);
}

#[test]
fn cubic_leaves_slow_start_when_the_delay_grows() {
    let mut cubic = Connection::<Rcubic>::new(RawSock {
        is_paced: true,
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
    let set_state = Rcubic::OPS.hooks.set_state.unwrap();
    cubic.call(|sk, ca| set_state(sk, ca, CaState::LOSS));
    let last_max_cwnd = cubic.call(|_, ca| ca.last_max_cwnd);
    assert_eq!(last_max_cwnd, 0);
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
        cubic.sk.snd_ssthresh = random();
        set_jiffies32(random());
        cubic.cong_avoid(random() % 1000);
        cubic.pkts_acked(random() as i32);
        assert!(cubic.call(Rcubic::OPS.ssthresh).get() >= 2);
    }
}
