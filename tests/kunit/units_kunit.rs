// SPDX-License-Identifier: GPL-2.0-only

//! KUnit suites of what algorithms compute with: clocks, quantities with a unit, the kernel's
//! numbers.

use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    },
};
use tcp_cc::{
    div64_or,
    div_or,
    hz,
    prelude::*,
    random_below,
    usecs_to_jiffies,
    LookupTable,
    SmallArray, //
};
use tcp_cc_kunit::{
    acked,
    all,
    c_usecs_to_jiffies,
    explain,
    in_one_tick,
    Random, //
};

tcp_cc_kunit::kunit_module! {
    name: "units_kunit",
    description: "KUnit suites of ferrops: units and clocks",
}

// `#[kunit_tests]` sees no test that a macro makes, so these are macros for the insides of one.

#[kunit_tests(tcp_cc_time)]
mod time {
    use super::*;

    /// Whether a clock is right around its end.
    macro_rules! wraps {
        ($clock:ident, $span:ident) => {{
            let late = $clock::new(u32::MAX - 1);
            let early = late + $span::new(3);
            early == $clock::new(1)
                && early.since(late) == $span::new(3)
                && late.since(early) == $span::new(-3)
                && early - $span::new(3) == late
                && late - $span::new(-3) == early
                && early.after(late)
                && !late.after(early)
                && late + $span::new(-1) == $clock::new(u32::MAX - 2)
        }};
    }

    /// Whether a clock orders the instants around any other.
    macro_rules! orders {
        ($clock:ident, $span:ident) => {
            all(64, |i| {
                let one = $clock::new(i.wrapping_mul(0x9e37_79b9));
                let farthest = one + $span::new(i32::MAX);
                let opposite = one + $span::new(i32::MIN);
                one.since(one) == $span::ZERO
                    && !one.after(one)
                    && farthest.since(one) == $span::new(i32::MAX)
                    && farthest.after(one)
                    && !one.after(farthest)
                    && opposite.since(one) == $span::new(i32::MIN)
                    && opposite - $span::new(i32::MIN) == one
            })
        };
    }

    /// Whether a clock knows when it is at 0.
    macro_rules! has_zero {
        ($clock:ident) => {
            $clock::new(0).is_zero()
                && $clock::default().is_zero()
                && $clock::ZERO == $clock::new(0)
                && !$clock::new(1).is_zero()
                && !$clock::new(u32::MAX).is_zero()
                && $clock::new(u32::MAX).get() == u32::MAX
        };
    }

    #[test]
    fn clocks_wrap() {
        assert!(wraps!(Jiffies32, Ticks));
        assert!(wraps!(Micros32, Usecs));
    }

    #[test]
    fn clocks_order() {
        assert!(orders!(Jiffies32, Ticks));
        assert!(orders!(Micros32, Usecs));
    }

    #[test]
    fn clocks_have_a_zero() {
        assert!(has_zero!(Jiffies32));
        assert!(has_zero!(Micros32));
        assert!(Micros64::ZERO.is_zero() && !Micros64::new(1 << 32).is_zero());
    }

    #[test]
    fn a_clock_that_does_not_wrap() {
        for (now, then, us) in [
            (5, 5, 0),
            (7, 5, 2),
            (5, 7, 0),
            (1 << 32, 1, u32::MAX),
            ((1 << 32) + 6, 1, 5),
            (0, u64::MAX, 1),
            (0, 1 << 63, 0),
            (u64::MAX, 0, 0),
        ] {
            assert_eq!(Micros64::new(now).us_since(Micros64::new(then)), us);
            assert_eq!(Micros64::new(now).low(), Micros32::new(now as u32));
        }
    }

    #[test]
    fn jiffies_now() {
        let before = Jiffies32::now();
        fsleep(Delta::from_millis(20));
        let ticks = Jiffies32::now().since(before);
        assert!(ticks >= Ticks::new(hz() as i32 / 50));
    }

    #[test]
    fn jiffies_stand_still_in_one_tick() {
        assert!(all(100, |_| in_one_tick(|now| Jiffies32::now() == now)));
    }

    #[test]
    fn usecs_as_in_c() {
        let same = |usecs| usecs_to_jiffies(Usecs32::new(usecs)) == c_usecs_to_jiffies(usecs);
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
        assert_eq!(usecs_to_jiffies(Usecs32::new(0)), 0);
        assert_eq!(usecs_to_jiffies(Usecs32::new(1)), 1);
        assert_eq!(usecs_to_jiffies(Usecs32::new(1_000_000)), u64::from(hz()));
        assert_eq!(
            usecs_to_jiffies(Usecs32::new(1_000_001)),
            u64::from(hz()) + 1
        );
        assert_eq!(
            usecs_to_jiffies(Usecs32::new(u32::MAX)),
            (i64::MAX as u64 >> 1) - 1
        );
    }
}

#[kunit_tests(tcp_cc_units)]
mod units {
    use super::*;

    /// Whether a quantity computes as its integer does, wraps where that overflows, and divides by
    /// 0.
    macro_rules! computes {
        ($unit:ident, $raw:ident) => {{
            let unit = $unit::new;
            let (min, max) = (unit($raw::MIN), unit($raw::MAX));
            let mut assigned = unit(40);
            assigned += unit(5);
            assigned -= unit(3);

            unit(40) + unit(2) == unit(42)
                && unit(44) - unit(2) == unit(42)
                && unit(21) * 2 == unit(42)
                && unit(85) / 2 == unit(42)
                && unit(85) / unit(2) == 42
                && unit(85) >> 1 == unit(42)
                && unit(21) << 1 == unit(42)
                && assigned == unit(42)
                && unit(42).get() == 42
                && unit(1) < unit(2)
                // The ends.
                && max + unit(1) == min
                && min - unit(1) == max
                && max * 2 == unit($raw::MAX.wrapping_mul(2))
                && max << 1 == unit($raw::MAX << 1)
                // What panics in Rust.
                && max / 0 == unit(0)
                && max / unit(0) == 0
                && max >> $raw::BITS == unit(0)
                && max << $raw::BITS == unit(0)
                && max >> u32::MAX == unit(0)
                && max << u32::MAX == unit(0)
                && max >> ($raw::BITS - 1) == unit($raw::MAX >> ($raw::BITS - 1))
                && $unit::ZERO == unit(0)
                && $unit::default().is_zero()
                && !unit(1).is_zero()
        }};
    }

    #[test]
    fn quantities_compute() {
        assert!(computes!(Packets, u32));
        assert!(computes!(Usecs, i32));
        assert!(computes!(Ticks, i32));
        assert!(computes!(BytesPerSec, u64));
    }

    #[test]
    fn quantities_with_a_sign() {
        // The one quotient that is out of range wraps.
        assert_eq!(Usecs::new(i32::MIN) / -1, Usecs::new(i32::MIN));
        assert_eq!(Usecs::new(i32::MIN) / Usecs::new(-1), i32::MIN);
        assert_eq!(Ticks::new(i32::MIN) / -1, Ticks::new(i32::MIN));
        assert_eq!(Ticks::new(i32::MIN) / Ticks::new(-1), i32::MIN);
        assert_eq!(Usecs::new(-85) / 2, Usecs::new(-42));
        assert_eq!(Usecs::new(-84) >> 1, Usecs::new(-42));
        assert!(Usecs::new(-1) < Usecs::ZERO);
        assert_eq!(Usecs::MSEC * 1000, Usecs::SEC);
        assert_eq!(Usecs::SEC.get(), 1_000_000);
        assert_eq!(BytesPerSec::UNLIMITED.get(), u64::MAX);
    }

    #[test]
    fn cwnd_is_in_range() {
        for (given, cwnd) in [
            (0, 1),
            (1, 1),
            (2, 2),
            (1000, 1000),
            (0x7fff_ffff, 0x7fff_ffff),
            (0x8000_0000, 0x7fff_ffff),
            (u32::MAX, 0x7fff_ffff),
        ] {
            assert_eq!(Cwnd::clamped(Packets::new(given)).get(), cwnd);
            assert_eq!(
                Cwnd::clamped(Packets::new(given)).packets(),
                Packets::new(cwnd)
            );
        }
    }

    #[test]
    fn cwnd_computes_in_packets() {
        let cwnd = Cwnd::clamped(Packets::new(10));
        let two = Packets::new(2);
        assert_eq!(cwnd + two, Packets::new(12));
        assert_eq!(cwnd - two, Packets::new(8));
        assert_eq!(cwnd * 2, Packets::new(20));
        assert_eq!(cwnd / 3, Packets::new(3));
        assert_eq!(cwnd / 0, Packets::ZERO);
        assert_eq!(cwnd >> 1, Packets::new(5));
        assert_eq!(cwnd << 1, Packets::new(20));
        // Less than nothing wraps, and is a window again only through `Cwnd::clamped`.
        assert_eq!(cwnd - Packets::new(11), Packets::new(u32::MAX));
        assert_eq!(Cwnd::clamped(cwnd - Packets::new(10)).get(), 1);
        assert_eq!(Packets::from(cwnd), Packets::new(10));
        assert!(cwnd == Packets::new(10));
        assert!(cwnd < Packets::new(11));
        assert!(cwnd > Packets::new(9));
        assert!(cwnd < Cwnd::clamped(Packets::new(11)));
    }

    #[test]
    fn cwnd_of_cwnd_stays_in_range() {
        let cwnd = Cwnd::clamped(Packets::new(10));
        for (packets, less, at_least) in [
            (0, 10, 10),
            (1, 9, 10),
            (9, 1, 10),
            (10, 1, 10),
            (11, 1, 11),
            (0x7fff_ffff, 1, 0x7fff_ffff),
            (0x8000_0000, 1, 10),
            (u32::MAX, 1, 10),
        ] {
            assert_eq!(cwnd.saturating_sub(Packets::new(packets)).get(), less);
            assert_eq!(cwnd.max(Packets::new(packets)).get(), at_least);
        }
    }

    #[test]
    fn ssthresh_is_in_range() {
        for (given, ssthresh) in [
            (0, 2),
            (1, 2),
            (2, 2),
            (3, 3),
            (0x7fff_ffff, 0x7fff_ffff),
            (0x8000_0000, 0x7fff_ffff),
            (u32::MAX, 0x7fff_ffff),
        ] {
            assert_eq!(Ssthresh::clamped(Packets::new(given)).get(), ssthresh);
        }
        assert_eq!(Ssthresh::clamped(Cwnd::clamped(Packets::ZERO)).get(), 2);
        assert_eq!(Ssthresh::INFINITE.get(), 0x7fff_ffff);
        assert_eq!(Ssthresh::INFINITE.packets(), Packets::new(0x7fff_ffff));
        assert!(Ssthresh::clamped(Packets::new(10)) > Ssthresh::clamped(Packets::new(9)));
    }

    #[test]
    fn acked_only_becomes_less() {
        assert_eq!(acked(u32::MAX).get(), Acked::MAX);
        for packets in [0, 1, 10, Acked::MAX] {
            assert_eq!(acked(packets).get(), packets);
            assert_eq!(acked(packets).packets(), Packets::new(packets));
            assert_eq!(acked(packets).is_zero(), packets == 0);
            assert_eq!(acked(packets).min(Packets::new(5)).get(), packets.min(5));
            assert_eq!(acked(packets).min(Packets::new(u32::MAX)).get(), packets);
        }
    }

    #[test]
    fn seq_no_wraps() {
        let after = |a, b| {
            let (a, b) = (SeqNo::new(a), SeqNo::new(b));
            a.after(b) && b.before(a) && !a.before(b)
        };
        assert!(after(1, 0));
        assert!(!after(0, 1));
        assert!(!after(5, 5));
        assert!(after(2, u32::MAX));
        assert!(!after(u32::MAX, 2));
        assert!(after(i32::MAX as u32, 0));
        assert!(after(0x7fff_fff0, 0xffff_fff1));
        assert!(!after(0xffff_fff1, 0x7fff_fff0));
        assert_eq!(SeqNo::new(u32::MAX).get(), u32::MAX);
    }

    #[test]
    fn division_has_no_panic() {
        assert_eq!(div_or(85, 2, 7), 42);
        assert_eq!(div_or(85, 0, 7), 7);
        assert_eq!(div64_or(u64::MAX, 1, 7), u64::MAX);
        assert_eq!(div64_or(u64::MAX, 0, 7), 7);
    }

    #[test]
    fn any_index_is_an_element() {
        const TABLE: LookupTable<u32, 3> = LookupTable::new([5, 6, 7]);
        assert!(all(9, |i| TABLE.get(i) == 5 + i.min(2)));
        assert_eq!(TABLE.get(u32::MAX), 7);

        let mut few = SmallArray::new([5, 6, 7]);
        assert!(all(3, |i| few.get(i) == 5 + i));
        assert_eq!((few.get(3), few.get(u32::MAX)), (5, 5));
        few.set(1, 60);
        few.set(2, 70);
        assert_eq!(few, SmallArray::new([5, 60, 70]));
        few.set(3, 50);
        assert_eq!(few, SmallArray::new([50, 60, 70]));
        few.set(u32::MAX, 51);
        assert_eq!(few, SmallArray::new([51, 60, 70]));
    }

    #[test]
    fn random_numbers_are_below() {
        assert!(all(100, |_| random_below(0) == 0 && random_below(1) == 0));
        let mut seen = [0_u32; 4];
        assert!(all(1_000, |_| {
            let number = random_below(4);
            if let Some(count) = seen.get_mut(number as usize) {
                *count += 1;
            }
            number < 4
        }));
        // One is left out once in 10^124 runs.
        assert!(!seen.contains(&0));
    }
}

#[kunit_tests(tcp_cc_numbers)]
mod numbers {
    use super::*;
    use tcp_cc_kunit::bindings as c;

    #[test]
    fn any_number_is_kept() {
        let mut random = Random::new(2);
        assert!(all(256, |i| CaState::from_raw(i as u8).as_raw() == i as u8));
        assert!(all(1_000, |_| {
            let number = random.sized(32);
            CwndEvent::from_raw(number).as_raw() == number
                && AckEventFlags::from_raw(number).as_raw() == number
                && AckFlags::from_raw(number as i32).as_raw() == number as i32
        }));
    }

    #[test]
    fn states_as_in_c() {
        assert_eq!(
            u32::from(CaState::OPEN.as_raw()),
            c::tcp_ca_state_TCP_CA_Open
        );
        assert_eq!(
            u32::from(CaState::DISORDER.as_raw()),
            c::tcp_ca_state_TCP_CA_Disorder
        );
        assert_eq!(u32::from(CaState::CWR.as_raw()), c::tcp_ca_state_TCP_CA_CWR);
        assert_eq!(
            u32::from(CaState::RECOVERY.as_raw()),
            c::tcp_ca_state_TCP_CA_Recovery
        );
        assert_eq!(
            u32::from(CaState::LOSS.as_raw()),
            c::tcp_ca_state_TCP_CA_Loss
        );
        assert!(CaState::from_raw(5) != CaState::LOSS);
    }

    #[test]
    fn events_as_in_c() {
        use c::tcp_ca_event as event;
        assert_eq!(
            CwndEvent::CWND_RESTART.as_raw(),
            event::CA_EVENT_CWND_RESTART.0
        );
        assert_eq!(
            CwndEvent::COMPLETE_CWR.as_raw(),
            event::CA_EVENT_COMPLETE_CWR.0
        );
        assert_eq!(CwndEvent::LOSS.as_raw(), event::CA_EVENT_LOSS.0);
        assert_eq!(CwndEvent::ECN_NO_CE.as_raw(), event::CA_EVENT_ECN_NO_CE.0);
        assert_eq!(CwndEvent::ECN_IS_CE.as_raw(), event::CA_EVENT_ECN_IS_CE.0);
    }

    #[test]
    fn ack_flags_as_in_c() {
        assert_eq!(
            AckEventFlags::SLOWPATH.as_raw(),
            c::tcp_ca_ack_event_flags_CA_ACK_SLOWPATH
        );
        assert_eq!(
            AckEventFlags::WIN_UPDATE.as_raw(),
            c::tcp_ca_ack_event_flags_CA_ACK_WIN_UPDATE
        );
        assert_eq!(
            AckEventFlags::ECE.as_raw(),
            c::tcp_ca_ack_event_flags_CA_ACK_ECE
        );
    }

    #[test]
    fn flags_contain() {
        let flags = AckEventFlags::from_raw(0b101);
        assert!(flags.contains(AckEventFlags::SLOWPATH));
        assert!(!flags.contains(AckEventFlags::WIN_UPDATE));
        assert!(flags.contains(AckEventFlags::ECE));
        // All of them, not just one.
        assert!(!flags.contains(AckEventFlags::from_raw(0b11)));
        assert!(AckEventFlags::from_raw(u32::MAX).contains(AckEventFlags::ECE));
        assert!(!AckEventFlags::from_raw(0).contains(AckEventFlags::ECE));

        let flags = AckFlags::from_raw(0x40 | 0x10000);
        assert!(flags.contains(AckFlags::ECE));
        assert!(flags.contains(AckFlags::ACK_MAYBE_DELAYED));
        assert!(!flags.contains(AckFlags::DATA));
        assert!(!flags.contains(AckFlags::from_raw(0x41)));
        assert!(AckFlags::from_raw(-1).contains(AckFlags::DSACKING_ACK));
    }

    #[test]
    fn table_flags() {
        assert_eq!(Flags::NONE.bits(), 0);
        assert_eq!(Flags::NON_RESTRICTED.bits(), c::FERROPS_CONG_NON_RESTRICTED);
        assert_eq!(Flags::NEEDS_ECN.bits(), c::FERROPS_CONG_NEEDS_ECN);
        // TCP_CONG_NEEDS_ACCECN, _ECT_1_NEGOTIATION, _NO_FALLBACK_RFC3168
        assert_eq!(Flags::NEEDS_ACCECN.bits(), 4);
        assert_eq!(Flags::ECT_1_NEGOTIATION.bits(), 8);
        assert_eq!(Flags::NO_FALLBACK_RFC3168.bits(), 16);
        assert_eq!(Flags::NEEDS_ECN.union(Flags::NON_RESTRICTED).bits(), 3);
    }
}
