// SPDX-License-Identifier: GPL-2.0-only

//! KUnit suites of the library: what an algorithm is given, and what the kernel is given of it.
//!
//! The sockets are fake ([`ferrops::test`]). An assertion that fails ends its test at once and
//! drops nothing, so what is registered is unregistered before anything is asserted.

use ferrops::{
    test::{
        all,
        c_usecs_to_jiffies,
        explain,
        in_one_tick,
        registered,
        with_sample,
        FakeSock,
        Fields,
        Random,
        Table,
        Twins, //
    },
    Registration, //
};
use kernel::{
    module::this_module,
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    },
};
use tcp_cc::{
    prelude::*,
    usecs_to_jiffies,
    HZ, //
};

module! {
    type: Module,
    name: "tcp_cc_kunit",
    authors: ["The ferrops authors"],
    description: "KUnit suites of ferrops",
    license: "GPL",
}

/// Does nothing but carry the suites.
struct Module;

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}

state! {
    /// What [`Full`] was called with.
    struct Seen {
        /// The callback, as a number of its own.
        callback: u32,
        /// Its arguments.
        arguments: [u32; 2],
        ack: SeqNo,
    }
}

/// Has every callback, and notes what it is called with.
struct Full;

impl Full {
    const CONG_AVOID: u32 = 1;
    const SSTHRESH: u32 = 2;
    const UNDO_CWND: u32 = 3;
    const INIT: u32 = 4;
    const RELEASE: u32 = 5;
    const SET_STATE: u32 = 6;
    const TX_START: u32 = 7;
    const PKTS_ACKED: u32 = 8;
}

impl CongestionControl for Full {
    type State = Seen;

    const OPS: Ops<Self> = Ops {
        name: "kunit_full-name",
        control: Control::Classic(|_, seen: &mut Seen, ack, acked| {
            seen.callback = Self::CONG_AVOID;
            seen.arguments[0] = acked;
            seen.ack = ack;
        }),
        ssthresh: |sk, seen| {
            seen.callback = Self::SSTHRESH;
            Ssthresh::new(sk.prior_cwnd())
        },
        undo_cwnd: |sk, seen| {
            seen.callback = Self::UNDO_CWND;
            sk.prior_cwnd()
        },
        hooks: Hooks {
            init: Some(|_, seen| seen.callback = Self::INIT),
            release: Some(|_, seen| seen.callback = Self::RELEASE),
            set_state: Some(|_, seen, new_state| {
                seen.callback = Self::SET_STATE;
                seen.arguments[0] = new_state.as_raw().into();
            }),
            cwnd_event_tx_start: Some(|_, seen| seen.callback = Self::TX_START),
            pkts_acked: Some(|_, seen, sample| {
                seen.callback = Self::PKTS_ACKED;
                seen.arguments = [sample.pkts_acked(), sample.rtt_us().unwrap_or(u32::MAX)];
            }),
        },
    };
}

/// Has only what it must, and that from the library.
struct Bare;

impl CongestionControl for Bare {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "kunit_bare",
        control: Control::Classic(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        hooks: Hooks::NONE,
    };
}

#[kunit_tests(tcp_cc_time)]
mod time {
    use super::*;

    // `#[kunit_tests]` sees no test that a macro makes, so these are macros for the insides of one.

    /// Whether a clock is right around its end.
    macro_rules! wraps {
        ($clock:ident) => {{
            let late = $clock::new(u32::MAX - 1);
            let early = late.wrapping_add(3);
            early == $clock::new(1)
                && early.since(late) == 3
                && late.since(early) == -3
                && early.after(late)
                && !late.after(early)
                && late.wrapping_add(u32::MAX) == $clock::new(u32::MAX - 2)
        }};
    }

    /// Whether a clock orders the instants around any other.
    macro_rules! orders {
        ($clock:ident) => {
            all(64, |i| {
                let one = $clock::new(i.wrapping_mul(0x9e37_79b9));
                let farthest = one.wrapping_add(i32::MAX as u32);
                one.since(one) == 0
                    && !one.after(one)
                    && farthest.since(one) == i32::MAX
                    && farthest.after(one)
                    && !one.after(farthest)
                    && one.wrapping_add(1 << 31).since(one) == i32::MIN
            })
        };
    }

    #[test]
    fn clocks_wrap() {
        assert!(wraps!(Jiffies32));
        assert!(wraps!(Micros32));
    }

    #[test]
    fn clocks_order() {
        assert!(orders!(Jiffies32));
        assert!(orders!(Micros32));
    }

    #[test]
    fn clocks_have_a_zero() {
        assert!(Jiffies32::new(0).is_zero());
        assert!(Jiffies32::default().is_zero());
        assert!(!Jiffies32::new(1).is_zero());
        assert!(!Jiffies32::new(u32::MAX).is_zero());
        assert!(Micros32::new(0).is_zero());
        assert!(Micros32::default().is_zero());
        assert!(!Micros32::new(1).is_zero());
        assert!(!Micros32::new(u32::MAX).is_zero());
    }

    #[test]
    fn jiffies_now() {
        let before = Jiffies32::now();
        fsleep(Delta::from_millis(20));
        let ticks = Jiffies32::now().since(before);
        assert!(ticks >= (HZ / 50) as i32);
        assert!(ticks < HZ as i32);
    }

    #[test]
    fn jiffies_stand_still_in_one_tick() {
        assert!(all(100, |_| in_one_tick(|now| Jiffies32::now() == now)));
    }

    #[test]
    fn usecs_as_in_c() {
        let same = |usecs| usecs_to_jiffies(usecs) == c_usecs_to_jiffies(usecs);
        assert!(all(100_000, same));
        assert!(all(100_000, |i| same(u32::MAX - i)));
        let mut random = Random::new(1);
        let holds = all(100_000, |_| {
            let usecs = random.any();
            same(usecs) || explain(&usecs)
        });
        assert!(holds);
    }

    #[test]
    fn usecs_by_hand() {
        assert_eq!(usecs_to_jiffies(0), 0);
        assert_eq!(usecs_to_jiffies(1), 1);
        assert_eq!(usecs_to_jiffies(1_000_000), u64::from(HZ));
        assert_eq!(usecs_to_jiffies(1_000_001), u64::from(HZ) + 1);
        assert_eq!(usecs_to_jiffies(u32::MAX), (i64::MAX as u64 >> 1) - 1);
    }
}

#[kunit_tests(tcp_cc_types)]
mod types {
    use super::*;

    #[test]
    fn seq_no_wraps() {
        let after = |a, b| SeqNo::new(a).after(SeqNo::new(b));
        assert!(after(1, 0));
        assert!(!after(0, 1));
        assert!(!after(5, 5));
        assert!(after(2, u32::MAX));
        assert!(!after(u32::MAX, 2));
        assert!(after(i32::MAX as u32, 0));
        assert!(after(0x7fff_fff0, 0xffff_fff1));
        assert!(!after(0xffff_fff1, 0x7fff_fff0));
    }

    #[test]
    fn ssthresh_is_at_least_2() {
        assert_eq!(Ssthresh::new(0).get(), 2);
        assert_eq!(Ssthresh::new(1).get(), 2);
        assert_eq!(Ssthresh::new(2).get(), 2);
        assert_eq!(Ssthresh::new(3).get(), 3);
        assert_eq!(Ssthresh::new(u32::MAX).get(), u32::MAX);
        assert!(Ssthresh::new(10) > Ssthresh::new(9));
    }

    #[test]
    fn ca_state_keeps_every_value() {
        let value = |i: u32| i as u8;
        assert!(all(256, |i| CaState::from_raw(value(i)).as_raw() == value(i)));
        assert_eq!(CaState::from_raw(0), CaState::OPEN);
        assert_eq!(CaState::from_raw(1), CaState::DISORDER);
        assert_eq!(CaState::from_raw(2), CaState::CWR);
        assert_eq!(CaState::from_raw(3), CaState::RECOVERY);
        assert_eq!(CaState::from_raw(4), CaState::LOSS);
        assert!(CaState::from_raw(5) != CaState::LOSS);
        assert!(CaState::from_raw(5) != CaState::OPEN);
    }

    #[test]
    fn ack_sample() {
        assert_eq!(with_sample(7, -1, |s| s.rtt_us()), None);
        assert_eq!(with_sample(7, i32::MIN, |s| s.rtt_us()), None);
        assert_eq!(with_sample(7, 0, |s| s.rtt_us()), Some(0));
        assert_eq!(
            with_sample(7, i32::MAX, |s| s.rtt_us()),
            Some(i32::MAX as u32)
        );
        assert_eq!(with_sample(7, -1, |s| s.pkts_acked()), 7);
        assert_eq!(with_sample(u32::MAX, 0, |s| s.pkts_acked()), u32::MAX);
    }
}

#[kunit_tests(tcp_cc_sock)]
mod sock {
    use super::*;

    /// A different value in each field.
    const DIFFERENT: Fields = Fields {
        snd_cwnd: 1001,
        snd_cwnd_cnt: 1002,
        snd_cwnd_clamp: 1003,
        snd_ssthresh: 1004,
        prior_cwnd: 1005,
        max_packets_out: 1006,
        snd_nxt: 1007,
        snd_una: 1008,
        lsndtime: 1009,
        tcp_mstamp: 0x12_0000_1010,
        sk_pacing_rate: 0x13_0000_1011,
        sk_pacing_status: 1,
        sk_gso_max_size: 1012,
        is_cwnd_limited: true,
    };

    #[test]
    fn getters_of_a_zeroed_socket() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        assert_eq!(fake.fields(), Fields::default());
        let sk = fake.sock();
        assert_eq!(sk.snd_cwnd(), 0);
        assert_eq!(sk.snd_ssthresh(), 0);
        assert_eq!(sk.prior_cwnd(), 0);
        assert_eq!(sk.max_packets_out(), 0);
        assert_eq!(sk.snd_nxt(), SeqNo::new(0));
        assert_eq!(sk.snd_una(), SeqNo::new(0));
        assert!(sk.lsndtime().is_zero());
        assert!(sk.mstamp().is_zero());
        assert_eq!(sk.pacing_rate(), 0);
        assert_eq!(sk.gso_max_size(), 0);
        assert!(!sk.is_paced());
        assert!(!sk.is_cwnd_limited());
        assert!(!sk.in_slow_start());
        Ok(())
    }

    #[test]
    fn getters() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        fake.set_fields(DIFFERENT);
        let sk = fake.sock();
        assert_eq!(sk.snd_cwnd(), 1001);
        assert_eq!(sk.snd_ssthresh(), 1004);
        assert_eq!(sk.prior_cwnd(), 1005);
        assert_eq!(sk.max_packets_out(), 1006);
        assert_eq!(sk.snd_nxt(), SeqNo::new(1007));
        assert_eq!(sk.snd_una(), SeqNo::new(1008));
        assert_eq!(sk.lsndtime(), Jiffies32::new(1009));
        assert_eq!(sk.mstamp(), Micros32::new(0x1010));
        assert_eq!(sk.pacing_rate(), 0x13_0000_1011);
        assert_eq!(sk.gso_max_size(), 1012);
        assert!(sk.is_paced());
        assert!(sk.is_cwnd_limited());
        assert_eq!(fake.fields(), DIFFERENT);
        Ok(())
    }

    #[test]
    fn pacing() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        // SK_PACING_NONE, SK_PACING_NEEDED, SK_PACING_FQ
        for (status, paced) in [(0, false), (1, true), (2, true)] {
            fake.set_fields(Fields {
                sk_pacing_status: status,
                sk_pacing_rate: usize::MAX,
                ..Fields::default()
            });
            assert_eq!(fake.sock().is_paced(), paced);
            assert_eq!(fake.sock().pacing_rate(), u64::MAX);
        }
        Ok(())
    }

    #[test]
    fn set_snd_ssthresh() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        for (given, set) in [(0, 2), (2, 2), (77, 77), (u32::MAX, u32::MAX)] {
            fake.set_fields(DIFFERENT);
            fake.sock().set_snd_ssthresh(Ssthresh::new(given));
            let expected = Fields {
                snd_ssthresh: set,
                ..DIFFERENT
            };
            assert_eq!(fake.fields(), expected);
        }
        Ok(())
    }

    #[test]
    fn in_slow_start() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        for (snd_cwnd, snd_ssthresh, expected) in [
            (0, 0, false),
            (0, 1, true),
            (9, 10, true),
            (10, 10, false),
            (11, 10, false),
            (10, i32::MAX as u32, true),
            (u32::MAX - 1, u32::MAX, true),
            (u32::MAX, 0, false),
        ] {
            fake.set_fields(Fields {
                snd_cwnd,
                snd_ssthresh,
                ..Fields::default()
            });
            assert_eq!(fake.sock().in_slow_start(), expected);
        }
        Ok(())
    }

    #[test]
    fn is_cwnd_limited() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        for (is_cwnd_limited, snd_cwnd, snd_ssthresh, max_packets_out, expected) in [
            // The flag decides, if set.
            (true, 10, 5, 0, true),
            (true, 10, 20, 0, true),
            // Not in slow start.
            (false, 10, 10, 100, false),
            // In slow start: half the window has to be in use.
            (false, 10, 20, 4, false),
            (false, 10, 20, 5, false),
            (false, 10, 20, 6, true),
            (false, 11, 20, 6, true),
            (false, 12, 20, 6, false),
            // 2 * max_packets_out wraps, as in C.
            (false, 10, 20, 1 << 31, false),
            (false, 10, 20, u32::MAX, true),
        ] {
            fake.set_fields(Fields {
                is_cwnd_limited,
                snd_cwnd,
                snd_ssthresh,
                max_packets_out,
                ..Fields::default()
            });
            assert_eq!(fake.sock().is_cwnd_limited(), expected);
        }
        Ok(())
    }

    #[test]
    fn slow_start_by_hand() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        for (snd_cwnd, snd_ssthresh, snd_cwnd_clamp, acked, cwnd_after, left) in [
            (10, 20, u32::MAX, 0, 10, 0),
            (10, 20, u32::MAX, 3, 13, 0),
            (10, 20, u32::MAX, 10, 20, 0),
            (10, 20, u32::MAX, 15, 20, 5),
            (10, 20, 12, 5, 12, 0),
            (10, 20, 12, 15, 12, 5),
            // No sum wraps.
            (10, 20, u32::MAX, u32::MAX, 20, u32::MAX - 10),
            (
                10,
                u32::MAX,
                u32::MAX,
                u32::MAX,
                MAX_CWND,
                u32::MAX - MAX_CWND + 10,
            ),
        ] {
            fake.set_fields(Fields {
                snd_cwnd,
                snd_ssthresh,
                snd_cwnd_clamp,
                ..DIFFERENT
            });
            assert_eq!(fake.sock().slow_start(acked), left);
            let expected = Fields {
                snd_cwnd: cwnd_after,
                snd_ssthresh,
                snd_cwnd_clamp,
                ..DIFFERENT
            };
            assert_eq!(fake.fields(), expected);
        }
        Ok(())
    }

    #[test]
    fn slow_start_outside_slow_start() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        for (snd_cwnd, snd_ssthresh) in [(0, 0), (1, 0), (1, 1), (10, 2), (10, 10), (u32::MAX, 9)] {
            for acked in [0, 1, 10, u32::MAX - 5, u32::MAX] {
                let fields = Fields {
                    snd_cwnd,
                    snd_ssthresh,
                    ..DIFFERENT
                };
                fake.set_fields(fields);
                assert_eq!(fake.sock().slow_start(acked), acked);
                assert_eq!(fake.fields(), fields);
            }
        }
        Ok(())
    }

    /// The largest window that the kernel does not warn of.
    const MAX_CWND: u32 = i32::MAX as u32;

    /// Whatever safe code passes, the window is one that the kernel does not warn of.
    fn window_is_valid(fields: Fields) -> bool {
        (1..=MAX_CWND).contains(&fields.snd_cwnd)
    }

    #[test]
    fn slow_start_window_stays_valid() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        let mut random = Random::new(2);
        let holds = all(10_000, |_| {
            let before = Fields {
                snd_ssthresh: random.sized(32).max(2),
                ..random.fields()
            };
            let acked = match random.below(3) {
                // Right around where the sum wraps.
                0 => 0u32
                    .wrapping_sub(before.snd_cwnd)
                    .wrapping_add(random.below(3)),
                _ => random.sized(32),
            };
            fake.set_fields(before);
            let left = fake.sock().slow_start(acked);
            let after = fake.fields();
            (window_is_valid(after) && left <= acked) || explain(&(before, acked, after, left))
        });
        assert!(holds);
        Ok(())
    }

    #[test]
    fn cong_avoid_ai_by_hand() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        for (cwnd, cnt, clamp, w, acked, cwnd_after, cnt_after) in [
            (10, 0, u32::MAX, 10, 1, 10, 1),
            (10, 9, u32::MAX, 10, 1, 11, 0),
            (10, 9, u32::MAX, 10, 4, 11, 3),
            (10, 0, u32::MAX, 10, 25, 12, 5),
            // Credits from a larger divisor are worth one packet.
            (10, 50, u32::MAX, 10, 1, 11, 1),
            (10, 9, 10, 10, 1, 10, 0),
            // The largest window stays, also with credits.
            (MAX_CWND, 50, u32::MAX, 10, 1, MAX_CWND, 50),
            (MAX_CWND - 1, 50, u32::MAX, 10, 9, MAX_CWND, 0),
            (MAX_CWND - 9, 0, u32::MAX, 1, u32::MAX, MAX_CWND - 1, 0),
        ] {
            let before = Fields {
                snd_cwnd: cwnd,
                snd_cwnd_cnt: cnt,
                snd_cwnd_clamp: clamp,
                ..DIFFERENT
            };
            fake.set_fields(before);
            fake.sock().cong_avoid_ai(w, acked);
            let expected = Fields {
                snd_cwnd: cwnd_after,
                snd_cwnd_cnt: cnt_after,
                ..before
            };
            assert_eq!(fake.fields(), expected);
        }
        Ok(())
    }

    #[test]
    fn cong_avoid_ai_by_0() -> Result {
        let table = Table::reno();
        let mut by_0 = FakeSock::<Bare>::new(&table)?;
        let mut by_1 = FakeSock::<Bare>::new(&table)?;
        let mut random = Random::new(3);
        let holds = all(1_000, |_| {
            by_0.set_fields(random.fields());
            by_1.copy_from(&mut by_0);
            let acked = random.sized(30);
            by_0.sock().cong_avoid_ai(0, acked);
            by_1.sock().cong_avoid_ai(1, acked);
            by_0.fields() == by_1.fields()
        });
        assert!(holds);
        Ok(())
    }

    #[test]
    fn cong_avoid_ai_window_stays_valid() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        let mut random = Random::new(4);
        let holds = all(10_000, |_| {
            let before = random.fields();
            let w = random.sized(32);
            let acked = match random.below(3) {
                // Right around where the sum wraps, for a `w` of 1.
                0 => 0u32
                    .wrapping_sub(before.snd_cwnd)
                    .wrapping_add(random.below(3)),
                _ => random.sized(32),
            };
            fake.set_fields(before);
            fake.sock().cong_avoid_ai(w, acked);
            let after = fake.fields();
            window_is_valid(after) || explain(&(before, w, acked, after))
        });
        assert!(holds);
        Ok(())
    }
}

#[kunit_tests(tcp_cc_reno)]
mod reno_twin {
    use super::*;

    #[test]
    fn cong_avoid_as_in_c() -> Result {
        let (ours, c) = (Table::of::<Bare>(), Table::reno());
        let mut twins = Twins::<Bare>::new(&ours, &c)?;
        let mut random = Random::new(5);
        let holds = all(10_000, |i| {
            // A few ACKs in a row on each socket.
            if i % 4 == 0 {
                twins.set(|sk| {
                    sk.set_fields(random.fields());
                    sk.set_state_bytes(&random.state_bytes());
                });
            }
            let (ack, acked) = (random.any(), random.sized(24));
            twins.agree(|sk| sk.cong_avoid(ack, acked)) || explain(&(acked, twins.fields()))
        });
        assert!(holds);
        Ok(())
    }

    #[test]
    fn ssthresh_and_undo_as_in_c() -> Result {
        let (ours, c) = (Table::of::<Bare>(), Table::reno());
        let mut twins = Twins::<Bare>::new(&ours, &c)?;
        let mut random = Random::new(6);
        let holds = all(10_000, |_| {
            twins.set(|sk| sk.set_fields(random.fields()));
            twins.agree(|sk| sk.ssthresh()) && twins.agree(|sk| sk.undo_cwnd())
                || explain(&twins.fields())
        });
        assert!(holds);
        Ok(())
    }

    #[test]
    fn by_hand() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        let at = |snd_cwnd, prior_cwnd| Fields {
            snd_cwnd,
            prior_cwnd,
            snd_cwnd_clamp: u32::MAX,
            is_cwnd_limited: true,
            ..Fields::default()
        };

        fake.set_fields(at(11, 20));
        assert_eq!(reno::ssthresh(&mut fake.sock(), &mut ()).get(), 5);
        assert_eq!(reno::undo_cwnd(&mut fake.sock(), &mut ()), 20);
        fake.set_fields(at(3, 2));
        assert_eq!(reno::ssthresh(&mut fake.sock(), &mut ()).get(), 2);
        assert_eq!(reno::undo_cwnd(&mut fake.sock(), &mut ()), 3);

        // 6 packets end slow start, of the other 14 the window needs 12 to grow by one.
        fake.set_fields(Fields {
            snd_ssthresh: 12,
            ..at(6, 0)
        });
        reno::cong_avoid(&mut fake.sock(), &mut (), SeqNo::new(0), 20);
        assert_eq!(fake.fields().snd_cwnd, 13);
        assert_eq!(fake.fields().snd_cwnd_cnt, 2);

        // Not limited by the window: it does not grow.
        fake.set_fields(Fields {
            is_cwnd_limited: false,
            ..at(6, 0)
        });
        reno::cong_avoid(&mut fake.sock(), &mut (), SeqNo::new(0), 20);
        assert_eq!(fake.fields().snd_cwnd, 6);
        assert_eq!(fake.fields().snd_cwnd_cnt, 0);
        Ok(())
    }
}

#[kunit_tests(ferrops_adapter)]
mod adapter {
    use super::*;

    #[test]
    fn arguments_arrive() -> Result {
        let table = Table::of::<Full>();
        let mut fake = FakeSock::<Full>::new(&table)?;

        fake.cong_avoid(0xdead_beef, 17);
        assert_eq!(fake.state().callback, Full::CONG_AVOID);
        assert_eq!(fake.state().ack, SeqNo::new(0xdead_beef));
        assert_eq!(fake.state().arguments[0], 17);
        fake.init();
        assert_eq!(fake.state().callback, Full::INIT);
        fake.release();
        assert_eq!(fake.state().callback, Full::RELEASE);
        for new_state in [0, 4, 5, 255] {
            fake.set_state(new_state);
            assert_eq!(fake.state().callback, Full::SET_STATE);
            assert_eq!(fake.state().arguments[0], u32::from(new_state));
        }
        fake.cwnd_event_tx_start();
        assert_eq!(fake.state().callback, Full::TX_START);
        fake.pkts_acked(3, 4000);
        assert_eq!(fake.state().callback, Full::PKTS_ACKED);
        assert_eq!(fake.state().arguments, [3, 4000]);
        fake.pkts_acked(3, -1);
        assert_eq!(fake.state().arguments, [3, u32::MAX]);
        Ok(())
    }

    #[test]
    fn results_are_ones_that_the_kernel_takes() -> Result {
        let table = Table::of::<Full>();
        let mut fake = FakeSock::<Full>::new(&table)?;
        for (returned, ssthresh, undo_cwnd) in [
            (0, 2, 1),
            (1, 2, 1),
            (2, 2, 2),
            (1000, 1000, 1000),
            (i32::MAX as u32, i32::MAX as u32, i32::MAX as u32),
            (1 << 31, 1 << 31, i32::MAX as u32),
            (u32::MAX, u32::MAX, i32::MAX as u32),
        ] {
            fake.set_fields(Fields {
                prior_cwnd: returned,
                ..Fields::default()
            });
            assert_eq!(fake.ssthresh(), ssthresh);
            assert_eq!(fake.state().callback, Full::SSTHRESH);
            assert_eq!(fake.undo_cwnd(), undo_cwnd);
            assert_eq!(fake.state().callback, Full::UNDO_CWND);
        }
        Ok(())
    }

    #[test]
    fn callbacks_stay_inside_the_state() -> Result {
        let table = Table::of::<Full>();
        let mut fake = FakeSock::<Full>::new(&table)?;
        let mut random = Random::new(7);
        let holds = all(100, |_| {
            let bytes = random.state_bytes();
            fake.set_state_bytes(&bytes);
            fake.cong_avoid(random.any(), random.any());
            fake.pkts_acked(random.any(), random.any() as i32);
            fake.state_bytes()[size_of::<Seen>()..] == bytes[size_of::<Seen>()..]
        });
        assert!(holds);
        Ok(())
    }

    #[test]
    fn left_out_is_null() {
        let table = Table::of::<Bare>();
        let ops = table.as_raw();
        assert!(ops.cong_avoid.is_some());
        assert!(ops.ssthresh.is_some());
        assert!(ops.undo_cwnd.is_some());
        assert!(ops.cong_control.is_none());
        assert!(ops.set_state.is_none());
        assert!(ops.cwnd_event.is_none());
        assert!(ops.cwnd_event_tx_start.is_none());
        assert!(ops.in_ack_event.is_none());
        assert!(ops.pkts_acked.is_none());
        assert!(ops.min_tso_segs.is_none());
        assert!(ops.sndbuf_expand.is_none());
        assert!(ops.get_info.is_none());
        assert!(ops.init.is_none());
        assert!(ops.release.is_none());
        assert_eq!(ops.flags, 0);
    }

    #[test]
    fn filled_in_is_not_null() {
        let table = Table::of::<Full>();
        let ops = table.as_raw();
        assert!(ops.cong_avoid.is_some());
        assert!(ops.ssthresh.is_some());
        assert!(ops.undo_cwnd.is_some());
        assert!(ops.set_state.is_some());
        assert!(ops.cwnd_event_tx_start.is_some());
        assert!(ops.pkts_acked.is_some());
        assert!(ops.init.is_some());
        assert!(ops.release.is_some());
        assert!(ops.cong_control.is_none());
    }
}

#[kunit_tests(ferrops_registration)]
mod registration {
    use super::*;

    fn register<A: CongestionControl>() -> Result<Pin<KBox<Registration<A>>>> {
        KBox::pin_init(Registration::new(this_module::<LocalModule>()), GFP_KERNEL)
    }

    #[test]
    fn a_name_is_taken_once() -> Result {
        let first = register::<Bare>()?;
        let second = register::<Bare>().map(|_| ());
        let found = registered(c"kunit_bare").is_ok();
        drop(first);
        assert_eq!(second, Err(EEXIST));
        assert!(found);
        Ok(())
    }

    #[test]
    fn the_kernels_own_name_is_taken() {
        struct Cubic;
        impl CongestionControl for Cubic {
            type State = ();
            const OPS: Ops<Self> = Ops {
                name: "cubic",
                control: Control::Classic(reno::cong_avoid),
                ssthresh: reno::ssthresh,
                undo_cwnd: reno::undo_cwnd,
                hooks: Hooks::NONE,
            };
        }
        assert_eq!(register::<Cubic>().map(|_| ()), Err(EEXIST));
    }

    #[test]
    fn drop_unregisters() {
        let before = registered(c"kunit_bare").map(|_| ());
        let mut turns = [(false, Ok(())); 3];
        for (found, gone) in &mut turns {
            let registration = register::<Bare>();
            *found = registered(c"kunit_bare").is_ok();
            drop(registration);
            *gone = registered(c"kunit_bare").map(|_| ());
        }
        assert_eq!(before, Err(ENOENT));
        assert_eq!(turns, [(true, Err(ENOENT)); 3]);
    }

    #[test]
    fn two_at_once() -> Result {
        let bare = register::<Bare>()?;
        let full = register::<Full>();
        let found = (
            registered(c"kunit_bare").is_ok(),
            registered(c"kunit_full-name").is_ok(),
        );
        drop(bare);
        let left = registered(c"kunit_full-name").is_ok();
        drop(full);
        assert_eq!(found, (true, true));
        assert!(left);
        Ok(())
    }

    #[test]
    fn the_kernel_has_our_table() -> Result {
        let registration = register::<Full>()?;
        let ops = registered(c"kunit_full-name");
        drop(registration);
        let ops = ops?;

        let this = this_module::<LocalModule>().as_ptr();
        assert!(!this.is_null());
        assert!(ops.owner.cast() == this);
        // 15 bytes, the longest that there may be, and a NUL.
        assert_eq!(&ops.name, b"kunit_full-name\0");

        let table = Table::of::<Full>();
        assert_eq!(
            ops.cong_avoid.is_some(),
            table.as_raw().cong_avoid.is_some()
        );
        assert!(ops.cong_control.is_none());
        assert!(ops.init.is_some());
        assert!(ops.get_info.is_none());
        Ok(())
    }
}
