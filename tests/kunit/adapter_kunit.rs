// SPDX-License-Identifier: GPL-2.0-only

//! KUnit suites of the table: which members it has, and what goes through them in both directions.

use kernel::{
    module::this_module,
    prelude::*, //
};
use tcp_cc::{
    prelude::*,
    BbrInfo,
    DctcpInfo,
    VegasInfo,
    CA_PRIV_SIZE, //
};
use tcp_cc_kunit::{
    all,
    bindings as c,
    Answer,
    FakeSock,
    Fields,
    Random,
    Table, //
};

tcp_cc_kunit::kunit_module! {
    name: "adapter_kunit",
    description: "KUnit suites of ferrops: the table of callbacks",
}

state! {
    /// What [`Full`] was called with.
    struct Seen {
        /// The callback, as a number of its own.
        callback: u32,
        /// Its arguments.
        arguments: [u32; 3],
        ack: SeqNo,
    }
}

impl Seen {
    /// Notes a call.
    fn note(&mut self, callback: u32, arguments: [u32; 3]) {
        (self.callback, self.arguments) = (callback, arguments);
    }
}

/// Has every callback of the classic family, and notes what it is called with.
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
    const CWND_EVENT: u32 = 9;
    const IN_ACK_EVENT: u32 = 10;
    const MIN_TSO_SEGS: u32 = 11;
    const SNDBUF_EXPAND: u32 = 12;
}

impl CongestionControl for Full {
    type State = Seen;

    const OPS: Ops<Self> = Ops {
        name: "kunit_full-name",
        flags: Flags::NON_RESTRICTED.union(Flags::NEEDS_ECN),
        control: Control::CongAvoid(|_, seen: &mut Seen, ack, acked| {
            seen.note(Self::CONG_AVOID, [acked.get(), 0, 0]);
            seen.ack = ack;
        }),
        ssthresh: |sk, seen| {
            seen.note(Self::SSTHRESH, [0; 3]);
            Ssthresh::clamped(sk.prior_cwnd())
        },
        undo_cwnd: |sk, seen| {
            seen.note(Self::UNDO_CWND, [0; 3]);
            Cwnd::clamped(sk.prior_cwnd())
        },
        optional: Optional {
            init: Some(|sk| sk.state_mut().note(Self::INIT, [0; 3])),
            release: Some(|_, seen| seen.note(Self::RELEASE, [0; 3])),
            set_state: Some(|_, seen, new_state| {
                seen.note(Self::SET_STATE, [new_state.as_raw().into(), 0, 0]);
            }),
            cwnd_event: Some(|sk, event| {
                sk.state_mut()
                    .note(Self::CWND_EVENT, [event.as_raw(), 0, 0]);
            }),
            cwnd_event_tx_start: Some(|sk| sk.state_mut().note(Self::TX_START, [0; 3])),
            in_ack_event: Some(|sk, flags| {
                sk.state_mut()
                    .note(Self::IN_ACK_EVENT, [flags.as_raw(), 0, 0]);
            }),
            pkts_acked: Some(|_, seen, sample| {
                let rtt = sample.rtt().map_or(u32::MAX, |rtt| rtt.get() as u32);
                let arguments = [sample.pkts_acked().get(), rtt, sample.in_flight().get()];
                seen.note(Self::PKTS_ACKED, arguments);
            }),
            min_tso_segs: Some(|sk, seen| {
                seen.note(Self::MIN_TSO_SEGS, [0; 3]);
                sk.prior_cwnd()
            }),
            sndbuf_expand: Some(|sk, seen| {
                seen.note(Self::SNDBUF_EXPAND, [0; 3]);
                sk.prior_cwnd().get()
            }),
            get_info: Some(|sk, seen| {
                Info::Vegas(VegasInfo {
                    rttcnt: seen.callback,
                    rtt: sk.snd_cwnd().get(),
                    ..VegasInfo::default()
                })
            }),
        },
    };
}

/// Is of the other family.
struct Custom;

impl CongestionControl for Custom {
    type State = Seen;

    const OPS: Ops<Self> = Ops {
        name: "kunit_custom",
        flags: Flags::NONE,
        control: Control::CongControl(|sk, seen: &mut Seen, ack, flags, rs| {
            let delivered = rs.delivered().map_or(u32::MAX, Packets::get);
            seen.note(
                77,
                [flags.as_raw() as u32, delivered, rs.acked_sacked().get()],
            );
            seen.ack = ack;
            sk.set_snd_cwnd(Cwnd::clamped(rs.prior_in_flight()));
        }),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

/// The members of a table that may be missing: each with whether it is there.
fn members(ops: &c::tcp_congestion_ops) -> [(&'static str, bool); 12] {
    macro_rules! members {
        ($($member:ident),*) => { [$((stringify!($member), ops.$member.is_some())),*] };
    }
    members!(
        cong_avoid,
        cong_control,
        set_state,
        cwnd_event,
        cwnd_event_tx_start,
        in_ack_event,
        pkts_acked,
        min_tso_segs,
        sndbuf_expand,
        get_info,
        init,
        release
    )
}

/// Whether the table of `A` has these of [`members`] and no others, and what every table has.
fn has_only<A: CongestionControl>(wanted: &[&str]) -> bool {
    let table = Table::of::<A>();
    let ops = table.as_raw();
    members(ops)
        .iter()
        .all(|(name, there)| *there == wanted.contains(name))
        && ops.ssthresh.is_some()
        && ops.undo_cwnd.is_some()
        && ops.owner.cast() == this_module::<LocalModule>().as_ptr()
        && !ops.owner.is_null()
}

#[kunit_tests(ferrops_table)]
mod table {
    use super::*;

    #[test]
    fn each_hook_alone() {
        macro_rules! alone {
            ($($hook:ident: $callback:expr;)*) => {
                $({
                    struct Alone;
                    impl CongestionControl for Alone {
                        type State = ();
                        const OPS: Ops<Self> = Ops {
                            name: "kunit_alone",
                            flags: Flags::NONE,
                            control: Control::CongAvoid(reno::cong_avoid),
                            ssthresh: reno::ssthresh,
                            undo_cwnd: reno::undo_cwnd,
                            optional: Optional { $hook: Some($callback), ..Optional::NONE },
                        };
                    }
                    assert!(has_only::<Alone>(&["cong_avoid", stringify!($hook)]));
                })*
            };
        }
        alone! {
            init: |_| ();
            release: |_, ()| ();
            set_state: |_, (), _| ();
            cwnd_event: |_, _| ();
            cwnd_event_tx_start: |_| ();
            in_ack_event: |_, _| ();
            pkts_acked: |_, (), _| ();
            min_tso_segs: |_, ()| Packets::ZERO;
            sndbuf_expand: |_, ()| 0;
            get_info: |_, ()| Info::Vegas(VegasInfo::default());
        }
    }

    #[test]
    fn all_hooks() {
        assert!(has_only::<Full>(&[
            "cong_avoid",
            "set_state",
            "cwnd_event",
            "cwnd_event_tx_start",
            "in_ack_event",
            "pkts_acked",
            "min_tso_segs",
            "sndbuf_expand",
            "get_info",
            "init",
            "release",
        ]));
    }

    #[test]
    fn no_hook_and_either_family() {
        assert!(has_only::<Custom>(&["cong_control"]));
        assert!(!has_only::<Custom>(&["cong_avoid"]));
    }

    #[test]
    fn names_and_flags() {
        let (full, custom) = (Table::of::<Full>(), Table::of::<Custom>());
        // 15 bytes, the longest that there may be, and a NUL.
        assert_eq!(&full.as_raw().name, b"kunit_full-name\0");
        assert_eq!(&custom.as_raw().name, b"kunit_custom\0\0\0\0");
        assert_eq!(full.as_raw().flags, 0b11);
        assert_eq!(custom.as_raw().flags, 0);
        // The kernel's to set.
        assert_eq!(full.as_raw().key, 0);
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
        fake.cwnd_event_tx_start();
        assert_eq!(fake.state().callback, Full::TX_START);
        fake.packets_acked(3, 4000, 5);
        assert_eq!(fake.state().callback, Full::PKTS_ACKED);
        assert_eq!(fake.state().arguments, [3, 4000, 5]);
        fake.packets_acked(u32::MAX, -1, u32::MAX);
        assert_eq!(fake.state().arguments, [u32::MAX; 3]);
        Ok(())
    }

    #[test]
    fn unknown_numbers_arrive() -> Result {
        let table = Table::of::<Full>();
        let mut fake = FakeSock::<Full>::new(&table)?;

        for new_state in 0..=u8::MAX {
            fake.set_state(new_state);
            assert_eq!(fake.state().callback, Full::SET_STATE);
            assert_eq!(fake.state().arguments[0], u32::from(new_state));
        }
        for number in [0, 1, 3, 5, 6, 7, 255, 1 << 31, u32::MAX] {
            fake.cwnd_event(number);
            assert_eq!(fake.state().callback, Full::CWND_EVENT);
            assert_eq!(fake.state().arguments[0], number);
            fake.in_ack_event(number);
            assert_eq!(fake.state().callback, Full::IN_ACK_EVENT);
            assert_eq!(fake.state().arguments[0], number);
        }
        Ok(())
    }

    #[test]
    fn the_other_family() -> Result {
        let table = Table::of::<Custom>();
        let mut fake = FakeSock::<Custom>::new(&table)?;
        for flag in [0, 0x40, i32::MAX, i32::MIN, -1] {
            for (delivered, seen) in [(12, 12), (-1, u32::MAX)] {
                let rs = c::rate_sample {
                    delivered,
                    interval_us: 1000,
                    acked_sacked: 13,
                    prior_in_flight: 14,
                    ..Default::default()
                };
                fake.cong_control(0xdead_beef, flag, &rs);
                assert_eq!(fake.state().callback, 77);
                assert_eq!(fake.state().arguments, [flag as u32, seen, 13]);
                assert_eq!(fake.state().ack, SeqNo::new(0xdead_beef));
                assert_eq!(fake.fields().snd_cwnd, 14);
            }
        }
        Ok(())
    }

    #[test]
    fn results_are_ones_that_the_kernel_takes() -> Result {
        let table = Table::of::<Full>();
        let mut fake = FakeSock::<Full>::new(&table)?;
        const MAX: u32 = i32::MAX as u32;
        for (given, ssthresh, undo_cwnd, min_tso_segs, sndbuf_expand) in [
            (0, 2, 1, 1, 1),
            (1, 2, 1, 1, 1),
            (2, 2, 2, 2, 2),
            (128, 128, 128, 128, 128),
            (129, 129, 129, 129, 128),
            (MAX, MAX, MAX, MAX, 128),
            (1 << 31, MAX, MAX, 1 << 31, 128),
            (u32::MAX, MAX, MAX, u32::MAX, 128),
        ] {
            fake.set_fields(Fields {
                prior_cwnd: given,
                ..Fields::CLOSED
            });
            assert_eq!(fake.ssthresh(), ssthresh);
            assert_eq!(fake.state().callback, Full::SSTHRESH);
            assert_eq!(fake.undo_cwnd(), undo_cwnd);
            assert_eq!(fake.state().callback, Full::UNDO_CWND);
            assert_eq!(fake.min_tso_segs(), min_tso_segs);
            assert_eq!(fake.state().callback, Full::MIN_TSO_SEGS);
            assert_eq!(fake.sndbuf_expand(), sndbuf_expand);
            assert_eq!(fake.state().callback, Full::SNDBUF_EXPAND);
        }
        Ok(())
    }

    #[test]
    fn callbacks_stay_inside_the_state() -> Result {
        let table = Table::of::<Full>();
        let mut fake = FakeSock::<Full>::new(&table)?;
        let mut random = Random::new(1);
        let holds = all(100, |_| {
            let bytes = random.state_bytes();
            fake.set_state_bytes(&bytes);
            fake.cong_avoid(random.any(), random.any());
            fake.packets_acked(random.any(), random.any() as i32, 0);
            fake.init();
            fake.cwnd_event(random.any());
            fake.get_info(u32::MAX);
            fake.state_bytes()[size_of::<Seen>()..] == bytes[size_of::<Seen>()..]
        });
        assert!(holds);
        Ok(())
    }

    #[test]
    fn a_fallback_replaces_the_table() -> Result {
        struct First;
        impl CongestionControl for First {
            type State = [u32; 2];
            const OPS: Ops<Self> = Ops {
                name: "kunit_first",
                flags: Flags::NONE,
                control: Control::CongAvoid(reno::cong_avoid),
                ssthresh: reno::ssthresh,
                undo_cwnd: reno::undo_cwnd,
                optional: Optional {
                    init: Some(|sk| sk.state_mut()[0] = u32::from(sk.fall_back_to::<Second>())),
                    ..Optional::NONE
                },
            };
        }
        struct Second;
        impl CongestionControl for Second {
            type State = [u32; 2];
            const OPS: Ops<Self> = Ops {
                name: "kunit_second",
                flags: Flags::NONE,
                control: Control::CongAvoid(|_, state: &mut [u32; 2], _, _| state[1] = 7),
                ssthresh: reno::ssthresh,
                undo_cwnd: reno::undo_cwnd,
                optional: Optional::NONE,
            };
        }

        let table = Table::of::<First>();
        let mut fake = FakeSock::<First>::new(&table)?;
        assert_eq!(&fake.ops().name, b"kunit_first\0\0\0\0\0");
        fake.init();
        assert_eq!(&fake.ops().name, b"kunit_second\0\0\0\0");
        assert_eq!(*fake.state(), [1, 0]);
        // It goes on with the state of the first.
        fake.cong_avoid(0, 1);
        assert_eq!(*fake.state(), [1, 7]);
        Ok(())
    }
}

#[kunit_tests(ferrops_get_info)]
mod get_info {
    use super::*;

    /// `1 << (INET_DIAG_VEGASINFO - 1)` and the like.
    const VEGAS: u32 = 1 << (c::INET_DIAG_VEGASINFO - 1);
    const DCTCP: u32 = 1 << (c::INET_DIAG_DCTCPINFO - 1);
    const BBR: u32 = 1 << (c::INET_DIAG_BBRINFO - 1);

    /// Answers in the shape that the state says.
    struct Shapes;

    impl CongestionControl for Shapes {
        type State = u32;

        const OPS: Ops<Self> = Ops {
            name: "kunit_shapes",
            flags: Flags::NONE,
            control: Control::CongAvoid(reno::cong_avoid),
            ssthresh: reno::ssthresh,
            undo_cwnd: reno::undo_cwnd,
            optional: Optional {
                get_info: Some(|_, state| match state {
                    0 => Info::Vegas(VegasInfo {
                        enabled: 1,
                        rttcnt: 0x1111_1111,
                        rtt: 0x2222_2222,
                        minrtt: 0x3333_3333,
                    }),
                    1 => Info::Dctcp(DctcpInfo {
                        enabled: true,
                        ce_state: 0xabcd,
                        alpha: 0x1111_1111,
                        ab_ecn: 0x2222_2222,
                        ab_tot: 0x3333_3333,
                    }),
                    _ => Info::Bbr(BbrInfo {
                        bw: 0x0123_4567_89ab_cdef,
                        min_rtt: 0x1111_1111,
                        pacing_gain: 0x2222_2222,
                        cwnd_gain: 0x3333_3333,
                    }),
                }),
                ..Optional::NONE
            },
        };
    }

    /// What is written for each of the shapes; the last word of the shorter ones is not.
    const ANSWERS: [Answer; 3] = [
        Answer {
            size: 16,
            attr: c::INET_DIAG_VEGASINFO as i32,
            info: [1, 0x1111_1111, 0x2222_2222, 0x3333_3333, 0xeeee_eeee],
        },
        Answer {
            size: 16,
            attr: c::INET_DIAG_DCTCPINFO as i32,
            // Two of 16 bits, in this machine's order.
            info: [
                0xabcd_0001,
                0x1111_1111,
                0x2222_2222,
                0x3333_3333,
                0xeeee_eeee,
            ],
        },
        Answer {
            size: 20,
            attr: c::INET_DIAG_BBRINFO as i32,
            info: [
                0x89ab_cdef,
                0x0123_4567,
                0x1111_1111,
                0x2222_2222,
                0x3333_3333,
            ],
        },
    ];

    #[test]
    fn shapes_to_who_asks_for_them() -> Result {
        let table = Table::of::<Shapes>();
        let mut fake = FakeSock::<Shapes>::new(&table)?;
        // As in C: VEGASINFO is asked for by who takes anything.
        for (shape, asked_for) in [(0, VEGAS), (1, VEGAS | DCTCP), (2, VEGAS | BBR)] {
            *fake.state() = shape;
            let answer = ANSWERS[shape as usize];
            for bit in 0..32 {
                let expected = if asked_for & (1 << bit) != 0 {
                    answer
                } else {
                    Answer::UNTOUCHED
                };
                assert_eq!(fake.get_info(1 << bit), expected);
            }
            assert_eq!(fake.get_info(0), Answer::UNTOUCHED);
            assert_eq!(fake.get_info(!asked_for), Answer::UNTOUCHED);
            assert_eq!(fake.get_info(u32::MAX), answer);
            assert_eq!(fake.get_info(VEGAS | DCTCP | BBR), answer);
        }
        Ok(())
    }

    #[test]
    fn nothing_without_the_hook() -> Result {
        let table = Table::of::<Custom>();
        let mut fake = FakeSock::<Custom>::new(&table)?;
        assert_eq!(fake.get_info(u32::MAX), Answer::UNTOUCHED);
        Ok(())
    }

    /// Answers with a number made of all bytes of its state.
    struct Sum<const N: usize>;

    impl<const N: usize> CongestionControl for Sum<N> {
        type State = [u8; N];

        const OPS: Ops<Self> = Ops {
            name: "kunit_sum",
            flags: Flags::NONE,
            control: Control::CongAvoid(reno::cong_avoid),
            ssthresh: reno::ssthresh,
            undo_cwnd: reno::undo_cwnd,
            optional: Optional {
                get_info: Some(|sk, state| {
                    Info::Bbr(BbrInfo {
                        bw: sum(state),
                        min_rtt: sk.snd_cwnd().get(),
                        pacing_gain: sk.mss_cache().get(),
                        cwnd_gain: N as u32,
                    })
                }),
                ..Optional::NONE
            },
        };
    }

    /// A number that changes with every byte and with their order.
    fn sum(bytes: &[u8]) -> u64 {
        bytes.iter().fold(7, |sum: u64, byte| {
            sum.wrapping_mul(0x100_0000_01b3) ^ u64::from(*byte)
        })
    }

    /// Whether the algorithm gets the first `N` bytes as they are, and changes none.
    fn is_a_copy<const N: usize>() -> Result<bool> {
        let table = Table::of::<Sum<N>>();
        let mut fake = FakeSock::<Sum<N>>::new(&table)?;
        let mut random = Random::new(2);
        Ok(all(200, |i| {
            let bytes = match i {
                0 => [0; CA_PRIV_SIZE],
                1 => [0xff; CA_PRIV_SIZE],
                _ => random.state_bytes(),
            };
            let fields = random.fields();
            fake.set_fields(fields);
            fake.set_state_bytes(&bytes);
            let bw = sum(&bytes[..N]);
            let expected = Answer {
                size: 20,
                attr: c::INET_DIAG_BBRINFO as i32,
                info: [
                    bw as u32,
                    (bw >> 32) as u32,
                    fields.snd_cwnd,
                    fields.mss_cache,
                    N as u32,
                ],
            };
            fake.get_info(BBR) == expected && fake.state_bytes() == bytes && fake.fields() == fields
        }))
    }

    #[test]
    fn states_of_all_sizes() -> Result {
        assert!(is_a_copy::<0>()?);
        assert!(is_a_copy::<1>()?);
        assert!(is_a_copy::<7>()?);
        assert!(is_a_copy::<8>()?);
        assert!(is_a_copy::<9>()?);
        assert!(is_a_copy::<100>()?);
        assert!(is_a_copy::<104>()?);
        Ok(())
    }
}
