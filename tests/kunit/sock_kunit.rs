// SPDX-License-Identifier: GPL-2.0-only

//! KUnit suites of the views of a socket and of samples: each getter against the member of the C
//! struct, each setter with all the bytes around it.

#![expect(clippy::as_underscore, reason = "the members have their types from C")]

use core::mem::{
    offset_of,
    size_of, //
};
use kernel::prelude::*;
use tcp_cc::{
    prelude::*,
    Mib,
    Plb, //
};
use tcp_cc_kunit::{
    acked,
    all,
    bindings as c,
    explain,
    with_rate_sample,
    with_sample,
    FakeSock,
    Fields,
    Pair,
    Random,
    Table, //
};

tcp_cc_kunit::kunit_module! {
    name: "sock_kunit",
    description: "KUnit suites of ferrops: sockets and samples",
}

/// Has only what it must, and that from the library.
struct Bare;

impl CongestionControl for Bare {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "kunit_bare",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

/// What is put into a member: the ends of all widths, and noise.
fn extremes(random: &mut Random) -> [u64; 16] {
    let mut values = [
        0,
        1,
        0x7f,
        0x80,
        0xff,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_ffff,
        0x1_0000_0000,
        i64::MAX as u64,
        1 << 63,
        u64::MAX,
        0,
        0,
        0,
        0,
    ];
    for value in &mut values[12..] {
        *value = random.any64();
    }
    values
}

/// Whether a getter reads this member of a socket, whatever is in it and around it.
macro_rules! reads {
    ($fake:ident, $random:ident, $view:ident, [$($member:tt)+],
     |$sk:ident, $raw:ident| $same:expr) => {
        extremes(&mut $random).iter().all(|&value| {
            $fake.scramble(&mut $random);
            let tp = $fake.as_raw().cast::<c::tcp_sock>();
            // SAFETY: The socket is ours, and any value is valid for this member.
            let $raw = unsafe {
                (*tp).$($member)+ = value as _;
                (*tp).$($member)+
            };
            let $sk = $fake.$view();
            let same: bool = $same;
            same || explain(&(stringify!($($member)+), value))
        })
    };
}

#[kunit_tests(tcp_cc_views)]
mod views {
    use super::*;

    #[test]
    fn windows_and_counts() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(1));
        let mut fake = FakeSock::<Bare>::new(&table)?;
        macro_rules! packets {
            ($($member:ident),*) => {
                $(reads!(
                    fake,
                    random,
                    sock,
                    [$member],
                    |sk, raw| sk.$member() == Packets::new(raw)
                ))&&*
            };
        }

        assert!(reads!(fake, random, sock, [snd_cwnd], |sk, raw| sk
            .snd_cwnd()
            .get()
            == raw));
        assert!(reads!(fake, random, sock, [prior_cwnd], |sk, raw| sk
            .prior_cwnd()
            .get()
            == raw));
        assert!(reads!(fake, random, sock, [snd_ssthresh], |sk, raw| sk
            .snd_ssthresh()
            .get()
            == raw));
        assert!(packets!(snd_cwnd_cnt, snd_cwnd_clamp, prior_ssthresh));
        assert!(packets!(
            max_packets_out,
            packets_out,
            retrans_out,
            sacked_out,
            lost_out,
            lost
        ));
        assert!(packets!(
            total_retrans,
            delivered,
            delivered_ce,
            app_limited
        ));
        assert!(reads!(fake, random, sock, [reordering], |sk, raw| {
            sk.reordering().get() == raw as u32
        }));
        Ok(())
    }

    #[test]
    fn sequence_numbers() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(2));
        let mut fake = FakeSock::<Bare>::new(&table)?;
        macro_rules! numbers {
            ($($member:ident),*) => {
                $(reads!(fake, random, sock, [$member], |sk, raw| sk.$member().get() == raw))&&*
            };
        }

        assert!(numbers!(snd_nxt, snd_una, write_seq, high_seq, rcv_nxt));
        Ok(())
    }

    #[test]
    fn times() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(3));
        let mut fake = FakeSock::<Bare>::new(&table)?;

        assert!(reads!(fake, random, sock, [lsndtime], |sk, raw| sk
            .lsndtime()
            .get()
            == raw));
        assert!(reads!(fake, random, sock, [snd_cwnd_stamp], |sk, raw| {
            sk.snd_cwnd_stamp().get() == raw
        }));
        assert!(reads!(fake, random, sock, [tcp_clock_cache], |sk, raw| {
            sk.tcp_clock_cache().get() == raw
        }));
        assert!(reads!(fake, random, sock, [tcp_wstamp_ns], |sk, raw| sk
            .tcp_wstamp_ns()
            .get()
            == raw));
        assert!(reads!(fake, random, sock, [tcp_mstamp], |sk, raw| sk
            .tcp_mstamp()
            .get()
            == raw));
        assert!(reads!(fake, random, sock, [delivered_mstamp], |sk, raw| {
            sk.delivered_mstamp().get() == raw
        }));
        Ok(())
    }

    #[test]
    fn timestamps() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(16));
        let mut fake = FakeSock::<Bare>::new(&table)?;

        assert!(reads!(fake, random, sock, [rx_opt.rcv_tsval], |sk, raw| {
            sk.rcv_tsval().get() == raw
        }));
        assert!(reads!(fake, random, sock, [rx_opt.rcv_tsecr], |sk, raw| {
            sk.rcv_tsecr().get() == raw
        }));
        assert!(all(100, |i| {
            fake.scramble(&mut random);
            let tp = fake.as_raw().cast::<c::tcp_sock>();
            let (is_usecs, saw) = (i & 1 != 0, i & 2 != 0);
            // SAFETY: The socket is ours.
            let mstamp = unsafe {
                c::tcp_sock::set_tcp_usec_ts_raw(tp, is_usecs.into());
                let options = &raw mut (*tp).rx_opt;
                c::tcp_options_received::set_saw_tstamp_raw(options, saw.into());
                (*tp).tcp_mstamp
            };
            let stamp = if is_usecs { mstamp } else { mstamp / 1_000 };
            let sk = fake.sock();
            sk.saw_tstamp() == saw && sk.tcp_time_stamp().get() == stamp as u32
        }));
        Ok(())
    }

    #[test]
    fn fields_by_name() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(17));
        let mut fake = FakeSock::<Bare>::new(&table)?;

        assert!(reads!(fake, random, sock, [rx_opt.mss_clamp], |sk, raw| {
            field!(sk, tcp_sock.rx_opt.mss_clamp: u16) == raw
        }));
        assert!(reads!(fake, random, sock, [rtt_min.s[1].v], |sk, raw| {
            field!(sk, tcp_sock.rtt_min.s[1].v: u32) == raw
        }));
        assert!(reads!(
            fake,
            random,
            sock,
            [inet_conn.icsk_rto],
            |sk, raw| { field!(sk, inet_connection_sock.icsk_rto: u32) == raw }
        ));
        assert!(reads!(
            fake,
            random,
            sock,
            [inet_conn.icsk_inet.sk.sk_rcvbuf],
            |sk, raw| field!(sk, sock.sk_rcvbuf: i32) == raw
        ));
        assert!(reads!(fake, random, info_sock, [srtt_us], |sk, raw| {
            field!(sk, tcp_sock.srtt_us: u32) == raw
        }));
        Ok(())
    }

    #[test]
    fn current_ssthresh() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(18));
        let mut fake = FakeSock::<Bare>::new(&table)?;
        assert!(all(1_000, |i| {
            let fields = Fields {
                snd_cwnd: random.any() >> 1,
                snd_ssthresh: random.any() >> 1 | 2,
                ca_state: i as u8 % 5,
                ..Fields::CLOSED
            };
            fake.set_fields(fields);
            let reduces = [2, 3].contains(&fields.ca_state);
            let three_quarters = (fields.snd_cwnd >> 1) + (fields.snd_cwnd >> 2);
            let expected = if reduces {
                fields.snd_ssthresh
            } else {
                fields.snd_ssthresh.max(three_quarters)
            };
            let sk = fake.sock();
            sk.in_cwnd_reduction() == reduces && sk.current_ssthresh().get() == expected
        }));
        Ok(())
    }

    #[test]
    fn round_trip_times() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(4));
        let mut fake = FakeSock::<Bare>::new(&table)?;

        assert!(reads!(fake, random, sock, [mdev_us], |sk, raw| {
            sk.mdev().get() as u32 == raw / 4
        }));
        assert!(reads!(
            fake,
            random,
            sock,
            [srtt_us],
            |sk, raw| match sk.srtt() {
                None => raw == 0,
                Some(srtt) => raw != 0 && srtt.get() as u32 == raw / 8 && srtt >= Usecs::ZERO,
            }
        ));
        assert!(reads!(
            fake,
            random,
            sock,
            [rtt_min.s[0].v],
            |sk, raw| match sk.min_rtt() {
                None => raw == u32::MAX,
                Some(min_rtt) => min_rtt.get() == u64::from(raw),
            }
        ));
        Ok(())
    }

    #[test]
    fn sizes_and_rates() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(5));
        let mut fake = FakeSock::<Bare>::new(&table)?;

        assert!(reads!(fake, random, sock, [mss_cache], |sk, raw| sk
            .mss_cache()
            .get()
            == raw));
        assert!(reads!(fake, random, sock, [snd_wnd], |sk, raw| sk
            .snd_wnd()
            .get()
            == raw));
        assert!(reads!(fake, random, sock, [bytes_sent], |sk, raw| sk
            .bytes_sent()
            .get()
            == raw));
        assert!(reads!(fake, random, sock, [bytes_acked], |sk, raw| sk
            .bytes_acked()
            .get()
            == raw));
        assert!(reads!(
            fake,
            random,
            sock,
            [inet_conn.icsk_inet.sk.sk_gso_max_size],
            |sk, raw| sk.sk_gso_max_size().get() == raw
        ));
        assert!(reads!(
            fake,
            random,
            sock,
            [inet_conn.icsk_inet.sk.sk_pacing_shift],
            |sk, raw| sk.sk_pacing_shift() == raw
        ));
        assert!(reads!(
            fake,
            random,
            sock,
            [inet_conn.icsk_inet.sk.sk_pacing_rate],
            |sk, raw| sk.sk_pacing_rate().get() == raw as u64
        ));
        assert!(reads!(
            fake,
            random,
            sock,
            [inet_conn.icsk_inet.sk.sk_max_pacing_rate],
            |sk, raw| sk.sk_max_pacing_rate().get() == raw as u64
        ));
        // SK_PACING_NONE is 0; NEEDED and FQ are not.
        assert!(reads!(
            fake,
            random,
            sock,
            [inet_conn.icsk_inet.sk.sk_pacing_status],
            |sk, raw| sk.is_paced() == (raw != 0)
        ));
        Ok(())
    }

    #[test]
    fn connection() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(6));
        let mut fake = FakeSock::<Bare>::new(&table)?;

        // TCP_ECN_MODE_RFC3168 is 1 << 0, TCP_ECN_MODE_ACCECN 1 << 4.
        assert!(reads!(fake, random, sock, [ecn_flags], |sk, raw| {
            sk.has_ecn() == (raw & 0b1_0001 != 0)
        }));
        // TCP_CLOSE is 7, TCP_LISTEN 10.
        assert!(reads!(
            fake,
            random,
            sock,
            [inet_conn.icsk_inet.sk.__sk_common.skc_state],
            |sk, raw| sk.is_unconnected() == (raw == 7 || raw == 10)
        ));
        assert!(all(32, |i| {
            fake.scramble(&mut random);
            fake.set_fields(Fields {
                ca_state: i as u8,
                ..fake.fields()
            });
            fake.sock().ca_state() == CaState::from_raw(i as u8)
        }));
        for state in 0..=u8::MAX {
            fake.set_fields(Fields {
                sk_state: state,
                ..Fields::CLOSED
            });
            assert_eq!(fake.sock().is_unconnected(), state == 7 || state == 10);
        }
        Ok(())
    }

    #[test]
    fn events() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(7));
        let mut fake = FakeSock::<Bare>::new(&table)?;

        assert!(reads!(
            fake,
            random,
            event_sock,
            [inet_conn.icsk_ack.pending],
            |sk, raw| { sk.is_ack_delayed() == (raw & 2 != 0) }
        ));
        // What every callback may read is there too.
        assert!(reads!(fake, random, event_sock, [snd_cwnd], |sk, raw| sk
            .snd_cwnd()
            .get()
            == raw));
        assert!(reads!(fake, random, init_sock, [snd_cwnd], |sk, raw| sk
            .snd_cwnd()
            .get()
            == raw));
        Ok(())
    }

    #[test]
    fn info() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(8));
        let mut fake = FakeSock::<Bare>::new(&table)?;

        assert!(reads!(fake, random, info_sock, [snd_cwnd], |sk, raw| sk
            .snd_cwnd()
            .get()
            == raw));
        assert!(reads!(
            fake,
            random,
            info_sock,
            [snd_ssthresh],
            |sk, raw| { sk.snd_ssthresh().get() == raw }
        ));
        assert!(reads!(fake, random, info_sock, [delivered], |sk, raw| {
            sk.delivered().get() == raw
        }));
        assert!(reads!(
            fake,
            random,
            info_sock,
            [delivered_ce],
            |sk, raw| { sk.delivered_ce().get() == raw }
        ));
        assert!(reads!(fake, random, info_sock, [mss_cache], |sk, raw| sk
            .mss_cache()
            .get()
            == raw));
        assert!(reads!(fake, random, info_sock, [srtt_us], |sk, raw| {
            sk.srtt().map_or(0, Usecs::get) as u32 == raw / 8 && sk.srtt().is_some() == (raw != 0)
        }));
        assert!(reads!(
            fake,
            random,
            info_sock,
            [rtt_min.s[0].v],
            |sk, raw| { sk.min_rtt() == (raw != u32::MAX).then_some(Usecs64::new(raw.into())) }
        ));
        assert!(reads!(
            fake,
            random,
            info_sock,
            [inet_conn.icsk_inet.sk.sk_pacing_rate],
            |sk, raw| sk.sk_pacing_rate().get() == raw as u64
        ));
        Ok(())
    }

    #[test]
    fn a_zeroed_socket() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        assert_eq!(fake.fields(), Fields::CLOSED);
        let sk = fake.sock();
        assert_eq!(sk.snd_cwnd().get(), 0);
        assert_eq!(sk.snd_ssthresh().get(), 0);
        assert!(sk.lsndtime().is_zero());
        assert!(sk.tcp_mstamp().is_zero());
        assert_eq!(sk.srtt(), None);
        assert_eq!(sk.min_rtt(), Some(Usecs64::ZERO));
        assert_eq!(sk.sk_pacing_rate(), BytesPerSec::ZERO);
        assert_eq!(sk.packets_in_flight(), Packets::ZERO);
        assert_eq!(sk.ca_state(), CaState::OPEN);
        assert!(!sk.is_paced());
        assert!(!sk.has_ecn());
        assert!(!sk.is_cwnd_limited());
        assert!(!sk.in_slow_start());
        Ok(())
    }

    #[test]
    fn a_socket_of_ones() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        fake.set_fields(Fields {
            snd_cwnd: u32::MAX,
            snd_ssthresh: u32::MAX,
            max_packets_out: u32::MAX,
            packets_out: u32::MAX,
            sacked_out: u32::MAX,
            lost_out: u32::MAX,
            retrans_out: u32::MAX,
            srtt_us: u32::MAX,
            min_rtt_us: u32::MAX,
            tcp_mstamp: u64::MAX,
            sk_pacing_rate: u64::MAX,
            sk_pacing_status: u32::MAX,
            ecn_flags: u8::MAX,
            ca_state: 31,
            ..Fields::CLOSED
        });
        let sk = fake.sock();
        assert_eq!(sk.snd_cwnd().get(), u32::MAX);
        assert!(!sk.in_slow_start());
        assert!(!sk.is_cwnd_limited());
        assert_eq!(sk.packets_in_flight(), Packets::ZERO);
        assert_eq!(sk.srtt(), Some(Usecs::new((u32::MAX >> 3) as i32)));
        assert_eq!(sk.min_rtt(), None);
        assert_eq!(sk.tcp_mstamp(), Micros64::new(u64::MAX));
        assert_eq!(sk.sk_pacing_rate(), BytesPerSec::UNLIMITED);
        assert!(sk.is_paced());
        assert!(sk.has_ecn());
        assert_eq!(sk.ca_state(), CaState::from_raw(31));
        Ok(())
    }

    #[test]
    fn packets_in_flight() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(9));
        let mut fake = FakeSock::<Bare>::new(&table)?;
        assert!(all(1_000, |_| {
            let fields = Fields::any(&mut random);
            fake.set_fields(fields);
            // tcp_packets_in_flight(), which wraps.
            let expected = fields
                .packets_out
                .wrapping_sub(fields.sacked_out.wrapping_add(fields.lost_out))
                .wrapping_add(fields.retrans_out);
            fake.sock().packets_in_flight().get() == expected
        }));
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
                ..Fields::CLOSED
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
                ..Fields::CLOSED
            });
            assert_eq!(fake.sock().is_cwnd_limited(), expected);
        }
        Ok(())
    }
}

#[kunit_tests(tcp_cc_setters)]
mod setters {
    use super::*;

    /// The bytes of a member of `struct tcp_sock` that is a `$ty`.
    macro_rules! place {
        ($ty:ty, $($member:tt)+) => {
            offset_of!(c::tcp_sock, $($member)+)
                ..offset_of!(c::tcp_sock, $($member)+) + size_of::<$ty>()
        };
    }

    /// Whether a setter writes what it is given to a member, and nothing else.
    macro_rules! writes {
        ($fake:ident, $random:ident, $ty:ty, [$($member:tt)+], $value:expr,
         |$sk:ident| $set:expr) => {{
            $fake.scramble(&mut $random);
            let alone = $fake.changes_only(place!($ty, $($member)+), |fake| {
                let $sk = fake.event_sock();
                $set
            })?;
            let tp = $fake.as_raw().cast::<c::tcp_sock>();
            // SAFETY: The socket is ours.
            let written: $ty = unsafe { (*tp).$($member)+ };
            (alone && written == $value) || explain(&(stringify!($($member)+), written))
        }};
    }

    #[test]
    fn members_of_a_socket() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(10));
        let mut fake = FakeSock::<Bare>::new(&table)?;
        for value in extremes(&mut random) {
            let packets = Packets::new(value as u32);
            let cwnd = Cwnd::clamped(packets);
            let ssthresh = Ssthresh::clamped(packets);
            let holds = writes!(fake, random, u32, [snd_cwnd], cwnd.get(), |sk| {
                sk.set_snd_cwnd(cwnd)
            }) && writes!(fake, random, u32, [snd_cwnd_cnt], packets.get(), |sk| {
                sk.set_snd_cwnd_cnt(packets)
            }) && writes!(fake, random, u32, [snd_cwnd_stamp], value as u32, |sk| {
                sk.set_snd_cwnd_stamp(Jiffies32::new(value as u32))
            }) && writes!(fake, random, u32, [snd_ssthresh], ssthresh.get(), |sk| {
                sk.set_snd_ssthresh(ssthresh)
            }) && writes!(fake, random, u32, [app_limited], packets.get(), |sk| {
                sk.set_app_limited(packets)
            }) && writes!(fake, random, u32, [snd_cwnd_clamp], cwnd.get(), |sk| {
                sk.set_snd_cwnd_clamp(cwnd)
            });
            assert!(holds);
        }
        Ok(())
    }

    #[test]
    fn set_pacing_rate() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(11));
        let mut fake = FakeSock::<Bare>::new(&table)?;
        for value in extremes(&mut random) {
            for max in extremes(&mut random) {
                fake.scramble(&mut random);
                fake.set_fields(Fields {
                    sk_max_pacing_rate: max,
                    ..fake.fields()
                });
                let place = place!(usize, inet_conn.icsk_inet.sk.sk_pacing_rate);
                let rate = BytesPerSec::new(value);
                let alone =
                    fake.changes_only(place, |fake| fake.sock().set_sk_pacing_rate(rate))?;
                assert!(alone);
                assert_eq!(fake.fields().sk_pacing_rate, value.min(max));
            }
        }
        Ok(())
    }

    #[test]
    fn request_pacing() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(12));
        let mut fake = FakeSock::<Bare>::new(&table)?;
        // SK_PACING_NONE, SK_PACING_NEEDED, SK_PACING_FQ, and an unknown one.
        for (before, after) in [(0, 1), (1, 1), (2, 2), (3, 3), (u32::MAX, u32::MAX)] {
            fake.scramble(&mut random);
            fake.set_fields(Fields {
                sk_pacing_status: before,
                ..fake.fields()
            });
            let place = place!(u32, inet_conn.icsk_inet.sk.sk_pacing_status);
            let alone = fake.changes_only(place, |fake| fake.sock().request_pacing())?;
            assert!(alone);
            assert_eq!(fake.fields().sk_pacing_status, after);
        }
        Ok(())
    }

    #[test]
    fn set_demand_cwr() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(13));
        let mut fake = FakeSock::<Bare>::new(&table)?;
        // TCP_ECN_DEMAND_CWR is 1 << 2.
        for ecn_flags in 0..=u8::MAX {
            for on in [false, true] {
                fake.scramble(&mut random);
                fake.set_fields(Fields {
                    ecn_flags,
                    ..fake.fields()
                });
                let place = place!(u8, ecn_flags);
                let alone = fake.changes_only(place, |fake| fake.sock().set_demand_cwr(on))?;
                assert!(alone);
                let expected = if on { ecn_flags | 4 } else { ecn_flags & !4 };
                assert_eq!(fake.fields().ecn_flags, expected);
            }
        }
        Ok(())
    }

    #[test]
    fn ack_now() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(14));
        let mut fake = FakeSock::<Bare>::new(&table)?;
        // ICSK_ACK_NOW is 16.
        for ack_pending in 0..=u8::MAX {
            fake.scramble(&mut random);
            fake.set_fields(Fields {
                ack_pending,
                ..fake.fields()
            });
            let place = place!(u8, inet_conn.icsk_ack.pending);
            let alone = fake.changes_only(place, |fake| fake.event_sock().ack_now())?;
            assert!(alone);
            assert_eq!(fake.fields().ack_pending, ack_pending | 16);
        }
        Ok(())
    }

    /// What changes nothing in the socket.
    #[test]
    fn nothing_else_is_written() -> Result {
        let (table, mut random) = (Table::reno(), Random::new(15));
        let mut fake = FakeSock::<Bare>::new(&table)?;
        fake.scramble(&mut random);
        let alone = fake.changes_only(0..0, |fake| {
            let sk = fake.event_sock();
            sk.add_stats(Mib::HystartTrainDetect, 1);
            // One congested round is not yet a reason to reroute.
            let mut plb = Plb::new();
            let (reroute, ()) = sk.split();
            plb.update(reroute, 256);
            plb.update(reroute, -1);
            plb.check_rehash(reroute);
            plb.upon_rto(reroute);
            // The socket is closed: nothing is sent.
            sk.send_ack(SeqNo::new(1));
        })?;
        assert!(alone);
        Ok(())
    }
}

#[kunit_tests(tcp_cc_growth)]
mod growth {
    use super::*;

    /// The largest window that the kernel does not warn of.
    const MAX_CWND: u32 = i32::MAX as u32;

    #[test]
    fn slow_start_by_hand() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        for (snd_cwnd, snd_ssthresh, snd_cwnd_clamp, given, cwnd_after, left) in [
            (10, 20, u32::MAX, 0, 10, 0),
            (10, 20, u32::MAX, 3, 13, 0),
            (10, 20, u32::MAX, 10, 20, 0),
            (10, 20, u32::MAX, 15, 20, 5),
            (10, 20, 12, 5, 12, 0),
            (10, 20, 12, 15, 12, 5),
            (
                MAX_CWND - 5,
                MAX_CWND,
                u32::MAX,
                1 << 20,
                MAX_CWND,
                (1 << 20) - 5,
            ),
        ] {
            let before = Fields {
                snd_cwnd,
                snd_ssthresh,
                snd_cwnd_clamp,
                ..Fields::any(&mut Random::new(16))
            };
            fake.set_fields(before);
            assert_eq!(fake.sock().slow_start(acked(given)).get(), left);
            let expected = Fields {
                snd_cwnd: cwnd_after,
                ..before
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
            for given in [0, 1, 10, Acked::MAX - 5, Acked::MAX] {
                let fields = Fields {
                    snd_cwnd,
                    snd_ssthresh,
                    ..Fields::any(&mut Random::new(17))
                };
                fake.set_fields(fields);
                assert_eq!(fake.sock().slow_start(acked(given)).get(), given);
                assert_eq!(fake.fields(), fields);
            }
        }
        Ok(())
    }

    #[test]
    fn slow_start_window_stays_valid() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        let mut random = Random::new(18);
        let holds = all(10_000, |_| {
            let before = Fields {
                snd_ssthresh: random.sized(31).max(2),
                ..random.fields()
            };
            let given = random.sized(30);
            fake.set_fields(before);
            let left = fake.sock().slow_start(acked(given)).get();
            let after = fake.fields();
            ((1..=MAX_CWND).contains(&after.snd_cwnd) && left <= given)
                || explain(&(before, given, after, left))
        });
        assert!(holds);
        Ok(())
    }

    #[test]
    fn cong_avoid_ai_by_hand() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        for (cwnd, cnt, clamp, w, given, cwnd_after, cnt_after) in [
            (10, 0, u32::MAX, 10, 1, 10, 1),
            (10, 9, u32::MAX, 10, 1, 11, 0),
            (10, 9, u32::MAX, 10, 4, 11, 3),
            (10, 0, u32::MAX, 10, 25, 12, 5),
            // Credits from a larger divisor are worth one packet.
            (10, 50, u32::MAX, 10, 1, 11, 1),
            (10, 9, 10, 10, 1, 10, 0),
            (10, 9, u32::MAX, u32::MAX, 1, 10, 10),
            // The largest window that grows.
            ((1 << 30) - 1, 0, u32::MAX, 1, 2, (1 << 30) + 1, 0),
            (1 << 30, 7, u32::MAX, 1, 2, 1 << 30, 7),
            (u32::MAX, 7, u32::MAX, 1, 2, u32::MAX, 7),
        ] {
            let before = Fields {
                snd_cwnd: cwnd,
                snd_cwnd_cnt: cnt,
                snd_cwnd_clamp: clamp,
                ..Fields::any(&mut Random::new(19))
            };
            fake.set_fields(before);
            fake.sock().cong_avoid_ai(Packets::new(w), acked(given));
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
        let mut random = Random::new(20);
        let holds = all(1_000, |_| {
            by_0.set_fields(Fields {
                snd_cwnd_cnt: random.sized(29),
                snd_cwnd: random.sized(29).max(1),
                ..random.fields()
            });
            by_1.copy_from(&mut by_0);
            let given = random.sized(29);
            by_0.sock().cong_avoid_ai(Packets::ZERO, acked(given));
            by_1.sock().cong_avoid_ai(Packets::new(1), acked(given));
            by_0.fields() == by_1.fields()
        });
        assert!(holds);
        Ok(())
    }

    #[test]
    fn reno_as_in_c() -> Result {
        let (ours, c) = (Table::of::<Bare>(), Table::reno());
        let mut pair = Pair::<Bare>::new(&ours, &c)?;
        let mut random = Random::new(21);
        let holds = all(10_000, |i| {
            // A few ACKs in a row on each socket.
            if i % 4 == 0 {
                pair.set(|sk| {
                    sk.set_fields(random.fields());
                    sk.set_state_bytes(&random.state_bytes());
                });
            }
            let (ack, acked) = (random.any(), random.sized(24));
            pair.agree(|sk| sk.cong_avoid(ack, acked))
                && pair.agree(|sk| sk.ssthresh())
                && pair.agree(|sk| sk.undo_cwnd())
                || explain(&(acked, pair.fields()))
        });
        assert!(holds);
        Ok(())
    }

    #[test]
    fn reno_by_hand() -> Result {
        let table = Table::reno();
        let mut fake = FakeSock::<Bare>::new(&table)?;
        let at = |snd_cwnd, prior_cwnd| Fields {
            snd_cwnd,
            prior_cwnd,
            snd_cwnd_clamp: u32::MAX,
            is_cwnd_limited: true,
            ..Fields::CLOSED
        };

        fake.set_fields(at(11, 20));
        assert_eq!(reno::ssthresh(fake.sock(), &mut ()).get(), 5);
        assert_eq!(reno::undo_cwnd(fake.sock(), &mut ()).get(), 20);
        fake.set_fields(at(3, 2));
        assert_eq!(reno::ssthresh(fake.sock(), &mut ()).get(), 2);
        assert_eq!(reno::undo_cwnd(fake.sock(), &mut ()).get(), 3);

        // 6 packets end slow start, of the other 14 the window needs 12 to grow by one.
        fake.set_fields(Fields {
            snd_ssthresh: 12,
            ..at(6, 0)
        });
        reno::cong_avoid(fake.sock(), &mut (), SeqNo::new(0), acked(20));
        assert_eq!(fake.fields().snd_cwnd, 13);
        assert_eq!(fake.fields().snd_cwnd_cnt, 2);

        // Not limited by the window: it does not grow.
        fake.set_fields(Fields {
            is_cwnd_limited: false,
            ..at(6, 0)
        });
        reno::cong_avoid(fake.sock(), &mut (), SeqNo::new(0), acked(20));
        assert_eq!(fake.fields().snd_cwnd, 6);
        assert_eq!(fake.fields().snd_cwnd_cnt, 0);
        Ok(())
    }
}

#[kunit_tests(tcp_cc_samples)]
mod samples {
    use super::*;

    /// Whether a getter of a `struct rate_sample` reads this member.
    macro_rules! reads_rate {
        ($random:ident, $member:ident, |$rs:ident, $raw:ident| $same:expr) => {
            extremes(&mut $random).iter().all(|&value| {
                let mut sample = rate_noise(&mut $random);
                sample.$member = value as _;
                let $raw = sample.$member;
                with_rate_sample(sample, |$rs| $same) || explain(&(stringify!($member), value))
            })
        };
    }

    /// A sample that is nonsense throughout.
    fn rate_noise(random: &mut Random) -> c::rate_sample {
        c::rate_sample {
            prior_mstamp: random.any64(),
            prior_delivered: random.any(),
            prior_delivered_ce: random.any(),
            delivered: random.any() as i32,
            delivered_ce: random.any() as i32,
            interval_us: random.any64() as _,
            snd_interval_us: random.any(),
            rcv_interval_us: random.any(),
            rtt_us: random.any64() as _,
            losses: random.any() as i32,
            acked_sacked: random.any(),
            prior_in_flight: random.any(),
            last_end_seq: random.any(),
            is_app_limited: random.below(2) != 0,
            is_retrans: random.below(2) != 0,
            is_ack_delayed: random.below(2) != 0,
        }
    }

    #[test]
    fn ack_sample() {
        let sample = |pkts_acked, rtt_us, in_flight| c::ack_sample {
            pkts_acked,
            rtt_us,
            in_flight,
        };
        for (rtt_us, rtt) in [
            (-1, None),
            (i32::MIN, None),
            (0, Some(Usecs::ZERO)),
            (1, Some(Usecs::new(1))),
            (i32::MAX, Some(Usecs::new(i32::MAX))),
        ] {
            assert_eq!(with_sample(sample(7, rtt_us, 9), |s| s.rtt()), rtt);
        }
        for packets in [0, 1, 1 << 31, u32::MAX] {
            let acked = with_sample(sample(packets, -1, 9), |s| s.pkts_acked().get());
            let in_flight = with_sample(sample(7, -1, packets), |s| s.in_flight());
            assert_eq!(acked, packets);
            assert_eq!(in_flight, Bytes::new(packets));
        }
    }

    #[test]
    fn rate_sample_counts() {
        let mut random = Random::new(22);
        assert!(reads_rate!(random, prior_delivered, |rs, raw| {
            rs.prior_delivered().get() == raw
        }));
        assert!(reads_rate!(random, prior_delivered_ce, |rs, raw| {
            rs.prior_delivered_ce().get() == raw
        }));
        assert!(reads_rate!(random, acked_sacked, |rs, raw| {
            rs.acked_sacked().get() == raw.min(Acked::MAX)
        }));
        assert!(reads_rate!(random, prior_in_flight, |rs, raw| {
            rs.prior_in_flight().get() == raw
        }));
        assert!(reads_rate!(random, last_end_seq, |rs, raw| rs
            .last_end_seq()
            .get()
            == raw));
        // Negative is none.
        assert!(reads_rate!(random, delivered_ce, |rs, raw| {
            rs.delivered_ce().get() == raw.max(0) as u32
        }));
        assert!(reads_rate!(random, losses, |rs, raw| rs.losses().get() == raw as u32));
    }

    #[test]
    fn rate_sample_times() {
        let mut random = Random::new(23);
        assert!(reads_rate!(random, prior_mstamp, |rs, raw| {
            rs.prior_mstamp() == (raw != 0).then_some(Micros64::new(raw))
        }));
        assert!(reads_rate!(random, snd_interval_us, |rs, raw| rs
            .snd_interval_us()
            .get()
            == raw.into()));
        assert!(reads_rate!(random, rcv_interval_us, |rs, raw| rs
            .rcv_interval_us()
            .get()
            == raw.into()));
        assert!(reads_rate!(random, rtt_us, |rs, raw| {
            rs.rtt().map(Usecs64::get) == u64::try_from(raw).ok()
        }));
    }

    #[test]
    fn rate_sample_rate() {
        let mut random = Random::new(24);
        assert!(reads_rate!(random, delivered, |rs, raw| {
            rs.delivered().map(Packets::get) == u32::try_from(raw).ok()
        }));
        assert!(reads_rate!(random, interval_us, |rs, raw| {
            rs.interval().map_or(0, Usecs64::get) == u64::try_from(raw).unwrap_or(0)
        }));
    }

    #[test]
    fn rate_sample_flags() {
        for which in 0..3 {
            let sample = c::rate_sample {
                is_app_limited: which == 0,
                is_retrans: which == 1,
                is_ack_delayed: which == 2,
                ..rate_noise(&mut Random::new(25))
            };
            let seen = with_rate_sample(sample, |rs| {
                [rs.is_app_limited(), rs.is_retrans(), rs.is_ack_delayed()]
            });
            assert_eq!(seen, [which == 0, which == 1, which == 2]);
        }
    }
}
