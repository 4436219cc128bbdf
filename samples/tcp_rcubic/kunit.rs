// SPDX-License-Identifier: GPL-2.0-only

//! Tests that [`Rcubic`] decides as the kernel's CUBIC does, and survives any state.

use crate::rcubic::{
    Cubic,
    Params,
    Rcubic, //
};
use kernel::prelude::*;
use tcp_cc::{
    hz,
    parts::cubic_root::cubic_root,
    Jiffies32,
    Micros32,
    SeqNo,
    Ticks,
    Usecs,
    Usecs32,
    CA_PRIV_SIZE, //
};
use tcp_cc_kunit::{
    all,
    explain,
    in_one_tick,
    FakeSock,
    Fields,
    Pair,
    Random,
    Table, //
};

/// `TCP_CA_*`
const RECOVERY: u8 = 3;
const LOSS: u8 = 4;

/// A socket in congestion avoidance that may grow its window.
const AVOIDANCE: Fields = Fields {
    snd_cwnd: 100,
    snd_cwnd_clamp: u32::MAX,
    snd_ssthresh: 50,
    snd_nxt: 3_000_000,
    snd_una: 2_000_000,
    tcp_mstamp: 1_000_000,
    is_cwnd_limited: true,
    ..Fields::CLOSED
};

/// A socket in slow start.
const SLOW_START: Fields = Fields {
    snd_ssthresh: i32::MAX as u32,
    ..AVOIDANCE
};

/// Returns the instant `ticks` before `now`.
fn ago(now: Jiffies32, ticks: u32) -> Jiffies32 {
    now - Ticks::new(ticks as i32)
}

/// Returns the largest number whose cube is at most `a`.
fn exact_cubic_root(a: u64) -> u32 {
    let (mut low, mut high) = (0u64, 2_642_245);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if middle * middle * middle <= a {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low as u32
}

/// Calls every callback once. Returns whether all results are in the kernel's ranges.
fn is_sane_after_all_callbacks(sk: &mut FakeSock<'_, Rcubic>, random: &mut Random) -> bool {
    let ssthresh_before = sk.fields().snd_ssthresh;
    sk.packets_acked(random.sized(32), random.any() as i32, 0);
    sk.cong_avoid(random.any(), random.sized(28));
    sk.cwnd_event_tx_start();
    sk.cong_avoid(random.any(), random.sized(28));
    let ssthresh = sk.ssthresh();
    let undo_cwnd = sk.undo_cwnd();
    sk.set_state(random.any() as u8);
    sk.packets_acked(random.sized(32), random.sized(31) as i32, 0);
    sk.set_state(LOSS);
    sk.cong_avoid(random.any(), random.sized(28));
    sk.init();
    sk.release();

    let after = sk.fields();
    let positive = 1..=i32::MAX as u32;
    positive.contains(&after.snd_cwnd)
        && positive.contains(&undo_cwnd)
        && ssthresh >= 2
        && (after.snd_ssthresh == ssthresh_before || after.snd_ssthresh >= 2)
}

#[kunit_tests(rcubic_root)]
mod root {
    use super::*;

    /// Returns whether the root is as close as `cubic_root` promises.
    fn is_close(a: u64) -> bool {
        let exact = exact_cubic_root(a);
        cubic_root(a).abs_diff(exact) <= 1 + exact / 625 || explain(&(a, exact, cubic_root(a)))
    }

    #[test]
    fn exact_one_is_exact() {
        assert_eq!(exact_cubic_root(0), 0);
        assert_eq!(exact_cubic_root(7), 1);
        assert_eq!(exact_cubic_root(8), 2);
        assert_eq!(exact_cubic_root(999_999_999), 999);
        assert_eq!(exact_cubic_root(1_000_000_000), 1000);
        assert_eq!(exact_cubic_root(u64::MAX), 2_642_245);
    }

    #[test]
    fn small_numbers() {
        assert!(all(100_000, |a| is_close(a.into())));
    }

    #[test]
    fn around_cubes() {
        let holds = all(20_000, |i| {
            // Up to 2^21, all of the range.
            let root = if i < 2_000 { i + 1 } else { (i + 1) * 132 };
            let cube = u64::from(root).wrapping_pow(3);
            is_close(cube - 1) && is_close(cube) && is_close(cube + 1)
        });
        assert!(holds);
    }

    #[test]
    fn numbers_of_any_size() {
        let mut random = Random::new(1);
        let holds = all(50_000, |i| {
            let a = u64::from(random.any()) << 32 | u64::from(random.any());
            is_close(a >> (i % 64))
        });
        assert!(holds);
    }

    #[test]
    fn edges() {
        // The whole of the table's first row, where the root is rounded and not cut off.
        for (a, root) in [
            (0, 0),
            (1, 1),
            (3, 1),
            (4, 2),
            (7, 2),
            (8, 2),
            (27, 3),
            (63, 4),
        ] {
            assert_eq!(cubic_root(a), root);
        }
        assert_eq!(cubic_root(64), 4);
        assert_eq!(cubic_root(1_000_000), 100);
        assert!(is_close(1 << 63));
        assert!(is_close(u64::MAX));
    }
}

#[kunit_tests(rcubic_any_state)]
mod any_state {
    use super::*;

    /// Calls every callback, on many sockets with a state of these bytes.
    fn survives(
        seed: u64,
        mut bytes: impl FnMut(&mut Random) -> [u8; CA_PRIV_SIZE],
    ) -> Result<bool> {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        let mut random = Random::new(seed);
        Ok(all(5_000, |_| {
            let (fields, bytes) = (random.fields(), bytes(&mut random));
            sk.set_fields(fields);
            sk.set_state_bytes(&bytes);
            is_sane_after_all_callbacks(&mut sk, &mut random)
                || explain(&(fields, bytes, sk.fields()))
        }))
    }

    #[test]
    fn zero() -> Result {
        let survives = survives(2, |_| [0; CA_PRIV_SIZE])?;
        assert!(survives);
        Ok(())
    }

    #[test]
    fn all_ones() -> Result {
        let survives = survives(3, |_| [0xff; CA_PRIV_SIZE])?;
        assert!(survives);
        Ok(())
    }

    #[test]
    fn one_byte_throughout() -> Result {
        let survives = survives(4, |random| [random.any() as u8; CA_PRIV_SIZE])?;
        assert!(survives);
        Ok(())
    }

    #[test]
    fn noise() -> Result {
        let survives = survives(5, Random::state_bytes)?;
        assert!(survives);
        Ok(())
    }

    /// Sets each parameter to either of its bounds.
    #[test]
    fn any_parameters() -> Result {
        let list = Params::DECLARED.list;
        let mut outcome: Result<bool> = Ok(true);
        for parameter in list {
            let before = parameter.get();
            for value in [parameter.bounds.0, parameter.bounds.1] {
                let set = parameter.set(value);
                (Params::DECLARED.derive)();
                let survives = survives(9, Random::state_bytes);
                outcome = outcome.and_then(|so_far| Ok(so_far && set && survives?));
            }
            parameter.set(before);
        }
        (Params::DECLARED.derive)();
        assert_eq!(outcome, Ok(true));
        Ok(())
    }

    /// C divides by 0 here.
    #[test]
    fn a_count_of_zero() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;

        // Grow by one packet for every 0 acknowledged.
        let grown = in_one_tick(|now| {
            sk.set_fields(AVOIDANCE);
            let ca = sk.state();
            ca.cnt = 0;
            ca.last_cwnd = AVOIDANCE.snd_cwnd;
            ca.last_time = now;
            sk.cong_avoid(0, 1);
            sk.fields().snd_cwnd
        });
        assert!(grown >= AVOIDANCE.snd_cwnd);
        Ok(())
    }
}

#[kunit_tests(rcubic_by_hand)]
mod by_hand {
    use super::*;

    /// Returns `cnt` after one packet is acknowledged to a socket with a state so prepared.
    fn cnt(
        sk: &mut FakeSock<'_, Rcubic>,
        fields: Fields,
        prepare: impl Fn(&mut Cubic, Jiffies32),
    ) -> u32 {
        in_one_tick(|now| {
            sk.set_fields(fields);
            sk.set_state_bytes(&[0; CA_PRIV_SIZE]);
            // Some time ago, or nothing would be computed.
            sk.state().last_time = ago(now, hz());
            prepare(sk.state(), now);
            sk.cong_avoid(0, 1);
            sk.state().cnt
        })
    }

    #[test]
    fn loss_resets() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        sk.set_fields(AVOIDANCE);
        sk.set_state_bytes(&[0xa5; CA_PRIV_SIZE]);

        // Only Loss does.
        sk.set_state(RECOVERY);
        sk.set_state(LOSS + 1);
        assert_eq!(sk.state_bytes(), [0xa5; CA_PRIV_SIZE]);

        sk.set_state(LOSS);
        let ca = *sk.state();
        assert_eq!([ca.cnt, ca.w_max, ca.last_cwnd, ca.plateau, ca.k], [0; 5]);
        assert_eq!([ca.delay_min.get(), ca.ack_cnt, ca.w_est], [0; 3]);
        assert!(ca.last_time.is_zero());
        assert!(ca.epoch_start.is_zero());
        assert_eq!(ca.hystart.found, 0);
        // HyStart begins a round.
        assert_eq!(ca.hystart.round_start, Micros32::new(1_000_000));
        assert_eq!(ca.hystart.last_ack, Micros32::new(1_000_000));
        assert_eq!(ca.hystart.end_seq, SeqNo::new(3_000_000));
        assert_eq!(ca.hystart.curr_rtt, Usecs32::new(u32::MAX));
        assert_eq!(ca.hystart.sample_cnt, 0);
        assert_eq!(sk.fields(), AVOIDANCE);
        Ok(())
    }

    #[test]
    fn init_is_a_reset() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        sk.set_fields(AVOIDANCE);
        sk.set_state_bytes(&[0xa5; CA_PRIV_SIZE]);
        sk.set_state(LOSS);
        let after_loss = sk.state_bytes();
        sk.set_state_bytes(&[0xa5; CA_PRIV_SIZE]);
        sk.init();
        assert_eq!(sk.state_bytes(), after_loss);
        assert_eq!(sk.fields(), AVOIDANCE);
        Ok(())
    }

    #[test]
    fn ssthresh() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        // 0.7 times the window, which becomes the last maximum.
        for (snd_cwnd, ssthresh) in [(1, 2), (3, 2), (10, 7), (100, 70), (1000, 700)] {
            sk.set_fields(Fields {
                snd_cwnd,
                ..AVOIDANCE
            });
            sk.state().w_max = 0;
            sk.state().epoch_start = Jiffies32::new(77);
            assert_eq!(sk.ssthresh(), ssthresh);
            assert_eq!(sk.state().w_max, snd_cwnd);
            assert!(sk.state().epoch_start.is_zero());
        }
        Ok(())
    }

    #[test]
    fn fast_convergence() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        // Lost at 100, and again before that: (1 + 0.7) / 2 times the window.
        for (w_max, becomes) in [(200, 85), (101, 85), (100, 100), (99, 100)] {
            sk.set_fields(AVOIDANCE);
            sk.state().w_max = w_max;
            assert_eq!(sk.ssthresh(), 70);
            assert_eq!(sk.state().w_max, becomes);
        }
        Ok(())
    }

    #[test]
    fn undo() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        for (prior_cwnd, undo_cwnd) in [(0, 100), (99, 100), (143, 143)] {
            sk.set_fields(Fields {
                prior_cwnd,
                ..AVOIDANCE
            });
            assert_eq!(sk.undo_cwnd(), undo_cwnd);
        }
        Ok(())
    }

    #[test]
    fn an_epoch_begins() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        let reduced = Fields {
            snd_cwnd: 70,
            ..AVOIDANCE
        };

        // 100 ms ahead the curve is at 100 - 0.4 (4.2 - 0.1)^3 = 73 packets: 3 in 70 packets.
        let after = cnt(&mut sk, reduced, |ca, _| {
            ca.w_max = 100;
            ca.delay_min = Usecs32::new(100_000);
        });
        assert_eq!(after, 70 / 3);
        let ca = *sk.state();
        assert_eq!(ca.plateau, 100);
        // cbrt(30 / 0.4) s = 4.217 s = 4318 / 1024 s, and the root is not exact.
        assert_eq!(ca.k, 4316);
        assert_eq!(ca.w_est, 70);
        assert_eq!(ca.ack_cnt, 1);
        assert_eq!(ca.last_cwnd, 70);
        assert_eq!(ca.epoch_start, ca.last_time);
        assert!(!ca.epoch_start.is_zero());

        // From above the last maximum, the plateau is here.
        cnt(&mut sk, reduced, |ca, _| ca.w_max = 60);
        assert_eq!(sk.state().plateau, 70);
        assert_eq!(sk.state().k, 0);
        Ok(())
    }

    #[test]
    fn along_the_curve() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        // The plateau is at 100 packets, 4 s into the epoch. At 100 packets, after:
        for (seconds, expected) in [
            // On the plateau, or with the curve still below: hardly at all.
            (4, 100 * 100),
            (3, 100 * 100),
            // 0.4 packets above, but only whole ones count.
            (5, 100 * 100),
            // 3 above.
            (6, 100 / 3),
            // 25 above.
            (8, 100 / 25),
            // So far that half a packet for each would be too much.
            (20, 2),
        ] {
            let after = cnt(&mut sk, AVOIDANCE, |ca, now| {
                ca.w_max = 100;
                ca.plateau = 100;
                ca.k = 4 << 10;
                ca.epoch_start = ago(now, seconds * hz());
            });
            assert_eq!(after, expected);
        }

        // It is the curve one round trip ahead that counts: 5 s there, and 1 s of the epoch.
        let after = cnt(&mut sk, AVOIDANCE, |ca, now| {
            ca.w_max = 100;
            ca.plateau = 100;
            ca.k = 4 << 10;
            ca.epoch_start = ago(now, hz());
            ca.delay_min = Usecs32::new(5_000_000);
        });
        assert_eq!(after, 100 / 3);

        // Never was a loss: at least 5 % in a round trip.
        let after = cnt(&mut sk, AVOIDANCE, |_, _| ());
        assert_eq!(after, 20);
        Ok(())
    }

    #[test]
    fn no_slower_than_reno() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        // Reno's window grows by one for every 15 / 8 * 100 = 187 packets acknowledged.
        for (acked_before, grown, left, expected) in [
            (0, 0, 1, 10_000),
            (186, 0, 187, 10_000),
            (187, 1, 1, 100),
            (3 * 187, 3, 1, 33),
            (4 * 187 - 1, 3, 187, 33),
        ] {
            let after = cnt(&mut sk, AVOIDANCE, |ca, now| {
                ca.w_max = 100;
                ca.plateau = 100;
                ca.epoch_start = now;
                ca.w_est = 100;
                ca.ack_cnt = acked_before;
            });
            assert_eq!(after, expected);
            assert_eq!(sk.state().w_est, 100 + grown);
            assert_eq!(sk.state().ack_cnt, left);
        }
        Ok(())
    }

    #[test]
    fn once_a_tick() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        // The window is the same and a 32nd of a second has not passed: as it was.
        for (ticks, kept) in [(0, true), (hz() / 32, true), (hz() / 32 + 1, false)] {
            let after = cnt(&mut sk, AVOIDANCE, |ca, now| {
                ca.cnt = 12_345;
                ca.w_max = 100;
                ca.last_cwnd = AVOIDANCE.snd_cwnd;
                ca.last_time = ago(now, ticks);
            });
            assert_eq!((after == 12_345), kept);
            assert_eq!(sk.state().ack_cnt, 1);
        }
        Ok(())
    }

    #[test]
    fn not_limited_by_the_window() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        let idle = Fields {
            is_cwnd_limited: false,
            ..AVOIDANCE
        };
        sk.set_fields(idle);
        sk.set_state_bytes(&[0xa5; CA_PRIV_SIZE]);
        sk.cong_avoid(0, 10);
        assert_eq!(sk.fields(), idle);
        assert_eq!(sk.state_bytes(), [0xa5; CA_PRIV_SIZE]);
        Ok(())
    }

    #[test]
    fn idle_time_does_not_count() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        // Ticks ago: the epoch's begin, the last packet, and the epoch's begin as it becomes.
        for (began, sent, begins) in [
            (100, 40, 60),
            (100, 0, 100),
            // Not into the future.
            (10, 40, 0),
        ] {
            let moved = in_one_tick(|now| {
                sk.set_fields(Fields {
                    lsndtime: now.since(Jiffies32::new(sent)).get() as u32,
                    ..AVOIDANCE
                });
                sk.state().epoch_start = ago(now, began);
                sk.cwnd_event_tx_start();
                sk.state().epoch_start == ago(now, begins)
            });
            assert!(moved);
        }

        // No epoch, nothing to move.
        sk.state().epoch_start = Jiffies32::new(0);
        sk.cwnd_event_tx_start();
        assert!(sk.state().epoch_start.is_zero());
        Ok(())
    }

    #[test]
    fn shortest_delay() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        sk.set_fields(AVOIDANCE);
        for (rtt_us, delay_min) in [(-1, 0), (500, 500), (700, 500), (300, 300), (0, 1), (-1, 1)] {
            sk.packets_acked(1, rtt_us, 0);
            assert_eq!(sk.state().delay_min.get(), delay_min);
        }

        // Not within a second after the epoch's begin.
        for (ticks, delay_min) in [(0, 900), (hz() - 1, 900), (hz(), 200)] {
            let found = in_one_tick(|now| {
                sk.state().delay_min = Usecs32::new(900);
                sk.state().epoch_start = ago(now, ticks);
                sk.packets_acked(1, 200, 0);
                sk.state().delay_min.get()
            });
            assert_eq!(found, delay_min);
        }
        Ok(())
    }

    #[test]
    fn hystart_delay() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        // From 16 packets on: an eighth more than the shortest RTT, but at least 4 ms more.
        for (snd_cwnd, delay_min, rtt_us, leaves) in [
            (16, 10_000, 14_001, true),
            (16, 10_000, 14_000, false),
            (15, 10_000, 14_001, false),
            (100, 80_000, 90_001, true),
            (100, 80_000, 90_000, false),
            (100, 800_000, 816_001, true),
            (100, 800_000, 816_000, false),
        ] {
            sk.set_fields(Fields {
                snd_cwnd,
                ..SLOW_START
            });
            sk.set_state_bytes(&[0; CA_PRIV_SIZE]);
            sk.init();
            sk.state().delay_min = Usecs32::new(delay_min);
            // After 8 samples, no sooner.
            for _ in 0..8 {
                sk.packets_acked(1, rtt_us, 0);
                assert_eq!(sk.state().hystart.found, 0);
                assert_eq!(sk.fields().snd_ssthresh, SLOW_START.snd_ssthresh);
            }
            sk.packets_acked(1, rtt_us, 0);
            let ssthresh = if leaves {
                snd_cwnd
            } else {
                SLOW_START.snd_ssthresh
            };
            assert_eq!(sk.state().hystart.found, u8::from(leaves));
            assert_eq!(sk.fields().snd_ssthresh, ssthresh);
        }
        Ok(())
    }

    #[test]
    fn hystart_ack_train() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        // How far apart the ACKs are; whether the socket is paced; the ACK that ends slow start.
        for (gap_us, sk_pacing_status, leaves_at) in [
            // More than half the shortest RTT of 10 ms.
            (1_000, 0, Some(6)),
            (2_000, 0, Some(3)),
            // All of it.
            (1_000, 1, Some(11)),
            // No train.
            (2_001, 0, None),
        ] {
            let mut left_at = None;
            sk.set_state_bytes(&[0; CA_PRIV_SIZE]);
            for i in 0..20 {
                sk.set_fields(Fields {
                    tcp_mstamp: 1_000_000 + i * gap_us,
                    sk_pacing_status,
                    ..SLOW_START
                });
                if i == 0 {
                    sk.init();
                    sk.state().delay_min = Usecs32::new(10_000);
                }
                sk.packets_acked(1, 10_000, 0);
                if sk.state().hystart.found != 0 && left_at.is_none() {
                    left_at = Some(i);
                    assert_eq!(sk.fields().snd_ssthresh, SLOW_START.snd_cwnd);
                }
            }
            assert_eq!(left_at, leaves_at);
        }
        Ok(())
    }

    #[test]
    fn hystart_ack_delay() -> Result {
        let table = Table::of::<Rcubic>();
        let mut sk = FakeSock::<Rcubic>::new(&table)?;
        // Four packets of 50 kB at the pacing rate, up to a millisecond, lengthen the train.
        for (sk_pacing_rate, longest_us) in [
            (0, 5_000),
            (u64::MAX, 5_000),
            (1_000_000_000, 5_100),
            (200_000_000, 5_500),
            (1_000, 5_500),
        ] {
            for (longer_us, leaves) in [(0, 0), (1, 1)] {
                let fields = Fields {
                    sk_pacing_rate,
                    sk_gso_max_size: 50_000,
                    ..SLOW_START
                };
                sk.set_fields(fields);
                sk.set_state_bytes(&[0; CA_PRIV_SIZE]);
                sk.init();
                sk.state().delay_min = Usecs32::new(10_000);
                let now = fields.tcp_mstamp + longest_us + longer_us;
                sk.set_fields(Fields {
                    tcp_mstamp: now,
                    ..fields
                });
                sk.state().hystart.last_ack = Micros32::new(now as u32);
                sk.packets_acked(1, 10_000, 0);
                assert_eq!(sk.state().hystart.found, leaves);
            }
        }
        Ok(())
    }
}

#[kunit_tests(rcubic_reference)]
mod reference {
    use super::*;

    /// Fills in a state for which C is defined: any, but without a `cnt` of 0, by which C divides,
    /// and without very many packets acknowledged, for which C loops. The clocks are near the
    /// socket's, so that every branch is taken.
    fn likely(ca: &mut Cubic, fields: &Fields, random: &mut Random) {
        let now = Jiffies32::now();
        ca.cnt = random.sized(32).max(1);
        ca.ack_cnt = random.sized(16);
        ca.w_max = match random.below(3) {
            0 => 0,
            _ => random.sized(28),
        };
        if random.below(2) == 0 {
            ca.last_cwnd = fields.snd_cwnd;
        }
        ca.last_time = ago(now, random.sized(10));
        ca.epoch_start = match random.below(3) {
            0 => Jiffies32::new(0),
            _ => ago(now, random.sized(20)),
        };
        ca.k = random.sized(24);
        ca.plateau = random.sized(28);
        ca.delay_min = Usecs32::new(random.sized(24));
        ca.w_est = fields.snd_cwnd.wrapping_add(random.sized(8));
        ca.hystart.sample_cnt = random.below(10) as u8;
        ca.hystart.found = u8::from(random.below(4) == 0);
        let mstamp = Micros32::new(fields.tcp_mstamp as u32);
        ca.hystart.last_ack = mstamp - Usecs::new(random.sized(13) as i32);
        ca.hystart.round_start = mstamp - Usecs::new(random.sized(20) as i32);
        ca.hystart.end_seq = SeqNo::new(fields.snd_una.wrapping_add(random.sized(20)));
        ca.hystart.curr_rtt = Usecs32::new(random.sized(24));
    }

    /// An event of a socket.
    #[derive(Clone, Copy, Debug)]
    enum Event {
        Init,
        Release,
        Acked(u32),
        Measured(i32),
        Ssthresh,
        Undo,
        State(u8),
        TxStart,
    }

    impl Event {
        fn any(random: &mut Random) -> Self {
            match random.below(32) {
                0 => Self::Init,
                1 => Self::Release,
                2..=3 => Self::Ssthresh,
                4..=5 => Self::Undo,
                6..=7 => Self::State(random.below(6) as u8),
                8..=10 => Self::TxStart,
                11..=20 => Self::Measured(random.sized(25) as i32 - 1),
                _ => Self::Acked(random.sized(12)),
            }
        }

        fn happen(self, sk: &mut FakeSock<'_, Rcubic>) -> u32 {
            match self {
                Self::Init => sk.init(),
                Self::Release => sk.release(),
                Self::Acked(acked) => sk.cong_avoid(0, acked),
                Self::Measured(rtt_us) => sk.packets_acked(1, rtt_us, 0),
                Self::State(new_state) => sk.set_state(new_state),
                Self::TxStart => sk.cwnd_event_tx_start(),
                Self::Ssthresh => return sk.ssthresh(),
                Self::Undo => return sk.undo_cwnd(),
            }
            0
        }
    }

    /// Passes the same events to both, and prepares the state before every 16th. Returns whether
    /// the results agreed, and how often the window grew, an epoch began and HyStart ended slow
    /// start.
    fn agree(
        seed: u64,
        prepare: impl Fn(&mut FakeSock<'_, Rcubic>, &Fields, &mut Random),
    ) -> Result<(bool, [u32; 3])> {
        let (rcubic, cubic) = (Table::of::<Rcubic>(), Table::cubic()?);
        let mut pair = Pair::<Rcubic>::new(&rcubic, &cubic)?;
        let mut random = Random::new(seed);
        let mut counts = [0; 3];
        let agree = all(40_000, |i| {
            if i % 16 == 0 {
                let fields = Fields {
                    // Beyond, 15 * cwnd wraps, and C may loop without end.
                    snd_cwnd: random.sized(27).max(1),
                    ..random.fields()
                };
                pair.set(|sk| {
                    sk.set_fields(fields);
                    prepare(sk, &fields, &mut random);
                });
            } else {
                pair.set(|sk| {
                    let fields = sk.fields();
                    sk.set_fields(Fields {
                        tcp_mstamp: fields.tcp_mstamp.wrapping_add(random.sized(13).into()),
                        snd_una: fields.snd_una.wrapping_add(random.sized(18)),
                        ..fields
                    });
                });
            }
            let event = Event::any(&mut random);
            let mut before = None;
            pair.set(|sk| before = Some((sk.fields(), *sk.state())));
            let agree = pair.agree(|sk| event.happen(sk));
            pair.set(|sk| {
                if let Some((fields, ca)) = before {
                    counts[0] += u32::from(sk.fields().snd_cwnd > fields.snd_cwnd);
                    counts[1] +=
                        u32::from(ca.epoch_start.is_zero() && !sk.state().epoch_start.is_zero());
                    counts[2] += u32::from(ca.hystart.found == 0 && sk.state().hystart.found != 0);
                }
            });
            agree || explain(&(event, pair.fields(), pair.state_bytes()))
        });
        Ok((agree, counts))
    }

    #[test]
    fn from_zero() -> Result {
        let (agree, _) = agree(6, |sk, _, _| {
            sk.set_state_bytes(&[0; CA_PRIV_SIZE]);
            sk.init();
        })?;
        assert!(agree);
        Ok(())
    }

    #[test]
    fn from_likely_states() -> Result {
        let (agree, counts) = agree(7, |sk, fields, random| {
            sk.set_state_bytes(&random.state_bytes());
            likely(sk.state(), fields, random);
        })?;
        assert!(agree);
        // All of it was tried.
        assert!(counts.iter().all(|&count| count > 200));
        Ok(())
    }

    #[test]
    fn from_noise() -> Result {
        let (agree, _) = agree(8, |sk, _, random| {
            sk.set_state_bytes(&random.state_bytes());
            let ca = sk.state();
            ca.cnt = ca.cnt.max(1);
            ca.ack_cnt &= 0xffff;
        })?;
        assert!(agree);
        Ok(())
    }
}
