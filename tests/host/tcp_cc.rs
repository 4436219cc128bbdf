// SPDX-License-Identifier: GPL-2.0-only

//! The library, against plain numbers.

use tcp_cc::{
    jiffies_to_secs,
    jiffies_to_usecs,
    msecs_to_jiffies,
    prelude::*,
    random_below,
    random_u32,
    usecs_to_jiffies,
    BitField,
    Jiffies64,
    LookupTable,
    ParamAccess,
    SmallArray,
    Timestamp,
    TimestampTicks, //
};
use tcp_cc_backend::{
    seed_random,
    set_hz,
    set_jiffies, //
};
use tcp_cc_host::{
    check,
    Connection, //
};

/// The largest window that the kernel does not warn of.
const MAX_CWND: u32 = i32::MAX as u32;

#[test]
fn a_number_without_a_unit_is_cs_u32() {
    check(
        |any| (any.u32(), any.u32(), any.within(0..=40)),
        |(a, b, bits)| {
            let (x, y) = (Wrapping32::new(a), Wrapping32::new(b));
            let divided = (a.checked_div(b).unwrap_or(0), a.checked_rem(b).unwrap_or(a));
            for [sum, difference, product, quotient, remainder] in [
                [x + y, x - y, x * y, x / y, x % y],
                [x + b, x - b, x * b, x / b, x % b],
                [a + y, a - y, a * y, a / y, a % y],
            ] {
                assert_eq!(sum.get(), a.wrapping_add(b));
                assert_eq!(difference.get(), a.wrapping_sub(b));
                assert_eq!(product.get(), a.wrapping_mul(b));
                assert_eq!((quotient.get(), remainder.get()), divided);
            }
            let mut z = x;
            z += y;
            z -= b;
            z *= 3;
            assert_eq!(z, a.wrapping_mul(3));
            z = x;
            z /= b;
            assert_eq!(z, divided.0);
            assert_eq!(x << bits, a.checked_shl(bits).unwrap_or(0));
            assert_eq!(x >> bits, a.checked_shr(bits).unwrap_or(0));
            assert_eq!((x < y, x <= b, x == b), (a < b, a <= b, a == b));
        },
    );
    assert_eq!(Packets::from(Wrapping32::from(Packets::new(7))).get(), 7);
}

#[test]
fn sequence_numbers_are_a_circle() {
    check(
        |any| (any.u32(), any.u32(), any.u32()),
        |(a, b, c)| {
            let [x, y, z] = [a, b, c].map(SeqNo::new);
            assert_eq!(x.since(y).get(), a.wrapping_sub(b));
            assert_eq!(y + x.since(y), x);
            // On the way from `b` to `c`, `a` comes first.
            assert_eq!(
                x.between(y, z),
                a.wrapping_sub(b) <= c.wrapping_sub(b),
                "{a} in {b}..={c}"
            );
        },
    );
}

/// Generates a test: a unit's arithmetic is that of C on its number, and what C has no answer for
/// is 0.
macro_rules! unit_is_its_number {
    ($($test:ident: $unit:ident($number:ident);)*) => { $(
        #[test]
        fn $test() {
            check(
                |any| (any.$number(), any.$number(), any.u32()),
                |(a, b, bits)| {
                    let (x, y) = ($unit::new(a), $unit::new(b));
                    assert_eq!((x + y).get(), a.wrapping_add(b));
                    assert_eq!((x - y).get(), a.wrapping_sub(b));
                    assert_eq!((x * b).get(), a.wrapping_mul(b));
                    let quotient = if b == 0 { 0 } else { a.wrapping_div(b) };
                    assert_eq!((x / b).get(), quotient);
                    assert_eq!(x / y, quotient);
                    for bits in [bits, bits % 64] {
                        let fits = bits < $number::BITS;
                        assert_eq!((x << bits).get(), if fits { a << bits } else { 0 });
                        assert_eq!((x >> bits).get(), if fits { a >> bits } else { 0 });
                    }
                    let (mut more, mut less) = (x, x);
                    more += y;
                    less -= y;
                    assert_eq!((more, less), (x + y, x - y));
                    assert_eq!((x < y, x == y, x.is_zero()), (a < b, a == b, a == 0));
                    assert_eq!((x.max(y).get(), x.min(y).get()), (a.max(b), a.min(b)));
                },
            );
        }
    )* };
}

unit_is_its_number! {
    packets_are_a_u32: Packets(u32);
    usecs_are_an_i32: Usecs(i32);
    ticks_are_an_i32: Ticks(i32);
    bytes_per_sec_are_a_u64: BytesPerSec(u64);
}

#[test]
fn a_window_is_within_its_bounds() {
    check(
        |any| (any.u32(), any.u32(), any.u32()),
        |(a, b, bits)| {
            let (x, y) = (
                Cwnd::clamped(Packets::new(a)),
                Cwnd::clamped(Packets::new(b)),
            );
            assert_eq!(x.get(), a.clamp(1, MAX_CWND));
            for window in [x.max(y), x.min(y), x.clamp(x.min(y), x.max(y))] {
                assert!((1..=MAX_CWND).contains(&window.get()));
                assert!(window == x || window == y);
            }
            assert_eq!(x.cmp(&y), x.get().cmp(&y.get()));
            assert_eq!(x.partial_cmp(&Packets::new(b)), x.get().partial_cmp(&b));
            assert_eq!(x == Packets::new(b), x.get() == b);

            let (packets, other) = (x.packets(), Packets::new(b));
            assert_eq!(packets, Packets::from(x));
            assert_eq!(x + other, packets + other);
            assert_eq!(x - other, packets - other);
            assert_eq!((x * b, x / b), (packets * b, packets / b));
            assert_eq!((x << bits, x >> bits), (packets << bits, packets >> bits));

            let less = i64::from(x.get()) - i64::from(b);
            assert_eq!(i64::from(x.saturating_sub(other).get()), less.max(1));
            let least = if b <= MAX_CWND { b } else { 0 };
            assert_eq!(x.max(other).get(), x.get().max(least));
        },
    );
}

#[test]
fn a_slow_start_threshold_is_within_its_bounds() {
    check(
        |any| (any.u32(), any.u32()),
        |(a, b)| {
            let (x, y) = (
                Ssthresh::clamped(Packets::new(a)),
                Ssthresh::clamped(Packets::new(b)),
            );
            assert_eq!(x.get(), a.clamp(2, MAX_CWND));
            assert_eq!(x.packets().get(), x.get());
            assert_eq!(x.max(y).get(), x.get().max(y.get()));
            assert!(x <= Ssthresh::INFINITE);
            assert_eq!(Ssthresh::clamped(Cwnd::clamped(Packets::new(a))), x);
        },
    );
}

/// Generates a test of a clock that wraps.
macro_rules! clock_wraps {
    ($($test:ident: $clock:ident, $span:ident;)*) => { $(
        #[test]
        fn $test() {
            check(
                |any| (any.u32(), any.i32()),
                |(then, passed)| {
                    let (then, span) = ($clock::new(then), $span::new(passed));
                    let now = then + span;
                    assert_eq!(now.get(), then.get().wrapping_add_signed(passed));
                    assert_eq!(now - span, then);
                    assert_eq!(now.since(then), span);
                    // Exactly half the range away, each is after the other, as in C.
                    assert_eq!(now.after(then), passed > 0 || passed == i32::MIN);
                    assert_eq!(then.after(now), passed < 0);
                    assert_eq!(now.is_zero(), now == $clock::ZERO);
                },
            );
        }
    )* };
}

clock_wraps! {
    jiffies_wrap: Jiffies32, Ticks;
    microseconds_wrap: Micros32, Usecs;
}

#[test]
fn a_clock_of_64_bits_does_not_wrap() {
    check(
        |any| (any.u64(), any.u64()),
        |(now, then)| {
            let passed = Micros64::new(now).us_since(Micros64::new(then));
            // `tcp_stamp_us_delta()`, whose result has 32 bits.
            let expected = (now.wrapping_sub(then) as i64).max(0) as u32;
            assert_eq!(passed, expected);
            assert_eq!(Micros64::new(now).low().get(), now as u32);
        },
    );
}

#[test]
fn sequence_numbers_wrap() {
    check(
        |any| (any.u32(), any.i32()),
        |(first, bytes)| {
            let (x, y) = (
                SeqNo::new(first),
                SeqNo::new(first.wrapping_add_signed(bytes)),
            );
            assert_eq!(y.after(x), bytes > 0 || bytes == i32::MIN);
            assert_eq!(x.after(y), bytes < 0);
            assert_eq!((y.before(x), x.before(y)), (x.after(y), y.after(x)));
        },
    );
}

#[test]
fn few_are_an_array() {
    fn like_an_array<const N: usize>() {
        check(
            |any| (any.bytes::<N>(), any.list(8, |any| (any.u32(), any.u8()))),
            |(mut array, writes)| {
                let mut few = SmallArray::new(array);
                for (index, value) in writes {
                    // The first element stands for those that are not there.
                    let known = if (index as usize) < N {
                        index as usize
                    } else {
                        0
                    };
                    assert_eq!(few.get(index), array[known]);
                    few.set(index, value);
                    array[known] = value;
                    assert_eq!(few, SmallArray::new(array));
                }
                for (i, &value) in array.iter().enumerate() {
                    assert_eq!(few.get(i as u32), value);
                }
            },
        );
    }
    like_an_array::<1>();
    like_an_array::<2>();
    like_an_array::<3>();
    like_an_array::<8>();
}

bit_fields! {
    /// All 32 bits of a word.
    struct Word(u32) {
        /// Three bits.
        first / set_first: 3;
        /// One.
        flag / set_flag: bool;
        _: 5;
        /// Twenty.
        large / set_large: 20;
        /// What is left.
        last / set_last: 3;
    }
}

bit_fields! {
    /// A whole word.
    struct Whole(u8) {
        /// All of it.
        all / set_all: 8;
    }
}

#[test]
fn bit_fields_are_bits_of_their_word() {
    check(
        |any| (any.u32(), any.list(8, |any| (any.below(4), any.u32()))),
        |(word, writes)| {
            let mut fields = Word::new(word);
            // The same by hand, in a wider word: the lowest bit, and how many there are.
            let places = [(0, 3), (3, 1), (9, 20), (29, 3)];
            let mut naive = u64::from(word);
            for (which, value) in writes {
                match which {
                    0 => fields.set_first(value),
                    1 => fields.set_flag(value & 1 != 0),
                    2 => fields.set_large(value),
                    _ => fields.set_last(value),
                }
                let (lowest, bits) = places[which as usize];
                let mask = (1_u64 << bits) - 1;
                naive &= !(mask << lowest);
                naive |= (u64::from(value) & mask) << lowest;
                assert_eq!(u64::from(fields.get()), naive);
            }
            let read = |(lowest, bits): (u32, u32)| (naive >> lowest & ((1 << bits) - 1)) as u32;
            let seen = [
                fields.first(),
                fields.flag().into(),
                fields.large(),
                fields.last(),
            ];
            assert_eq!(seen, places.map(read));
        },
    );
}

/// A number of a bit field, inverted.
#[derive(Clone, Copy)]
struct Inverted(u32);

impl BitField for Inverted {
    fn from_bits(bits: u32) -> Self {
        Self(!bits)
    }

    fn into_bits(self) -> u32 {
        !self.0
    }
}

bit_fields! {
    /// Types of fields, in a wide word.
    struct Typed(u64) {
        /// In front of them.
        below / set_below: 30;
        /// A type of the kernel's.
        ca_state / set_ca_state: 3 as CaState;
        /// A type of the test's, as wide as there is.
        inverted / set_inverted: 31 as Inverted;
    }
}

#[test]
fn a_bit_field_may_have_a_type() {
    check(
        |any| (any.u64(), any.u32(), any.u32()),
        |(word, state, number)| {
            let typed = Typed::new(word);
            assert_eq!(
                u32::from(typed.ca_state().as_raw()),
                (word >> 30) as u32 & 7
            );
            assert_eq!(!typed.inverted().0, (word >> 33) as u32);

            // As much as fits is set, and nothing around it.
            let mut typed = typed;
            typed.set_ca_state(CaState::from_raw(state as u8));
            let expected = word & !(7 << 30) | u64::from(state & 7) << 30;
            assert_eq!(typed.get(), expected);
            typed.set_inverted(Inverted(number));
            let bits = u64::from(!number & 0x7fff_ffff);
            assert_eq!(typed.get(), expected & 0x1_ffff_ffff | bits << 33);
        },
    );
    assert!(CaState::OPEN < CaState::CWR && CaState::CWR < CaState::RECOVERY);
    assert!(CaState::RECOVERY < CaState::LOSS);
}

#[test]
fn a_bit_field_may_be_its_whole_word() {
    let mut whole = Whole::new(0x5a);
    assert_eq!(whole.all(), 0x5a);
    whole.set_all(0xff);
    assert_eq!(whole.get(), 0xff);
}

#[test]
fn a_table_is_an_array() {
    check(
        |any| (any.bytes::<11>(), any.u32()),
        |(array, index)| {
            let last = array.len() - 1;
            assert_eq!(
                LookupTable::new(array).get(index),
                array[last.min(index as usize)]
            );
            assert_eq!(LookupTable::new([array[0]]).get(index), array[0]);
        },
    );
}

#[test]
fn random_numbers_are_below_their_bound() {
    check(
        |any| (any.u64(), any.u32()),
        |(seed, bound)| {
            seed_random(seed);
            for _ in 0..4 {
                let number = random_below(bound);
                assert!(number < bound || (number, bound) == (0, 0));
            }
        },
    );
}

#[test]
fn all_bits_are_random() {
    seed_random(1);
    let (mut ones, mut zeroes) = (0, 0);
    for _ in 0..64 {
        let number = random_u32();
        ones |= number;
        zeroes |= !number;
    }
    assert_eq!((ones, zeroes), (u32::MAX, u32::MAX));
}

#[test]
fn random_numbers_are_spread_evenly() {
    seed_random(1);
    let mut count = [0; 8];
    for _ in 0..8000 {
        count[random_below(8) as usize] += 1;
    }
    assert!(count.iter().all(|&n| (850..1150).contains(&n)), "{count:?}");
}

#[test]
fn ticks_are_fractions_of_a_second() {
    check(
        |any| (any.of(&[100, 200, 250, 1000]), any.u32()),
        |(hz, ticks)| {
            set_hz(hz);
            let ticks = u64::from(ticks);
            assert_eq!(jiffies_to_secs::<10>(ticks), ticks * 1024 / u64::from(hz));
        },
    );
}

#[test]
fn ticks_are_rounded_up() {
    check(
        |any| (any.of(&[100, 200, 250, 1000]), any.u32(), any.within(0..=2)),
        |(hz, usecs, near)| {
            set_hz(hz);
            let per_tick = 1_000_000 / u64::from(hz);
            // All above means for ever.
            let last = (1 << 32) - 2 * per_tick;
            for usecs in [u64::from(usecs), last - 1 + u64::from(near)] {
                let expected = if usecs > last {
                    // MAX_JIFFY_OFFSET
                    (i64::MAX as u64 >> 1) - 1
                } else {
                    usecs.div_ceil(per_tick)
                };
                assert_eq!(usecs_to_jiffies(Usecs32::new(usecs as u32)), expected);
            }
        },
    );
}

#[test]
fn milliseconds_are_ticks_and_ticks_microseconds() {
    check(
        |any| (any.of(&[100, 200, 250, 1000]), any.u32(), any.u64()),
        |(hz, msecs, ticks)| {
            set_hz(hz);
            let expected = if msecs > i32::MAX as u32 {
                (i64::MAX as u64 >> 1) - 1
            } else {
                (u64::from(msecs) * u64::from(hz)).div_ceil(1000)
            };
            assert_eq!(msecs_to_jiffies(msecs), expected);
            let per_tick = u64::from(1_000_000 / hz);
            assert_eq!(
                jiffies_to_usecs(ticks).get(),
                ticks.wrapping_mul(per_tick) as u32
            );
        },
    );
}

#[test]
fn the_long_clock_of_jiffies_does_not_wrap() {
    check(
        |any| (any.u64(), any.i32()),
        |(now, span)| {
            set_jiffies(now);
            assert_eq!(Jiffies32::now().get(), now as u32);
            let (now, later) = (Jiffies64::now(), Jiffies64::now() + Ticks::new(span));
            assert_eq!(now.get(), Jiffies64::new(now.get()).get());
            assert_eq!(later.get().wrapping_sub(now.get()) as i64, span.into());
            assert_eq!((now.before(later), later.before(now)), (span > 0, span < 0));
        },
    );
}

state! {
    /// What a [`Probe`] is to do, and what came of it.
    struct Probed {
        w: Packets,
        left: Packets,
        in_flight: Packets,
        rate: BytesPerSec,
    }
}

/// An algorithm that hands out what the library does.
struct Probe;

impl CongestionControl for Probe {
    type State = Probed;

    const OPS: Ops<Self> = Ops {
        name: "probe",
        flags: Flags::NONE,
        control: Control::CongAvoid(|sk, probed: &mut Probed, _, acked| {
            let left = sk.slow_start(acked);
            probed.left = left.packets();
            sk.cong_avoid_ai(probed.w, left);
        }),
        ssthresh: |sk, probed| {
            probed.in_flight = sk.packets_in_flight();
            sk.set_sk_pacing_rate(probed.rate);
            Ssthresh::INFINITE
        },
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

#[test]
fn the_window_grows_as_the_kernel_has_it() {
    check(
        |any| {
            let windows = (
                any.within(1..=(3 << 29) - 1),
                any.u32(),
                any.within(1..=u32::MAX),
            );
            (windows, any.u32(), any.u32(), any.within(0..=1 << 29))
        },
        |((cwnd, ssthresh, clamp), cnt, w, acked)| {
            let mut probe = Connection::<Probe>::new();
            let sk = &mut probe.sk;
            (sk.snd_cwnd, sk.snd_ssthresh) = (cwnd, ssthresh);
            (sk.snd_cwnd_clamp, sk.snd_cwnd_cnt) = (clamp, cnt);
            probe.state_mut().w = Packets::new(w);
            probe.cong_avoid(0, acked);

            // A window above the threshold stays there.
            let grown = acked.min(ssthresh.saturating_sub(cwnd));
            let left = acked - grown;
            assert_eq!(probe.state().left.get(), left);
            let mut cwnd = cwnd + grown;
            if grown > 0 || cwnd < ssthresh {
                cwnd = cwnd.min(clamp);
            }
            // A window this large does not grow on: it would wrap in the end.
            if cwnd >= 1 << 30 {
                assert_eq!((probe.sk.snd_cwnd, probe.sk.snd_cwnd_cnt), (cwnd, cnt));
                return;
            }
            // Nothing is divided by 0.
            let w = w.max(1);
            let (credit, cnt) = if cnt >= w { (1, 0) } else { (0, cnt) };
            let cnt = cnt.wrapping_add(left);
            assert_eq!(probe.sk.snd_cwnd, (cwnd + credit + cnt / w).min(clamp));
            assert_eq!(probe.sk.snd_cwnd_cnt, cnt % w);
        },
    );
}

/// An algorithm that asks its socket.
struct Asking;

state! {
    /// The answers.
    struct Asked {
        current_ssthresh: u32,
        in_cwnd_reduction: u8,
        saw_tstamp: u8,
        stamp: Timestamp,
        echoed: TimestampTicks,
        mss_clamp: u16,
        srtt_us: u32,
        reached: u32,
        base_rtt: Usecs32,
    }
}

impl CongestionControl for Asking {
    type State = Asked;

    const OPS: Ops<Self> = Ops {
        name: "asking",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: |sk, asked| {
            asked.current_ssthresh = sk.current_ssthresh().get();
            asked.in_cwnd_reduction = sk.in_cwnd_reduction().into();
            asked.saw_tstamp = sk.saw_tstamp().into();
            asked.stamp = sk.tcp_time_stamp();
            asked.echoed = sk.tcp_time_stamp().since(sk.rcv_tsecr());
            asked.mss_clamp = field!(sk, tcp_sock.rx_opt.mss_clamp: u16);
            asked.srtt_us = field!(sk, tcp_sock.srtt_us: u32);
            asked.reached = field!(sk, tcp_sock.rtt_min.s[0].v: u32);
            Ssthresh::INFINITE
        },
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(|sk| {
                let base_rtt = sk.base_rtt().unwrap_or(Usecs32::new(u32::MAX));
                sk.state_mut().base_rtt = base_rtt;
                let clamp = Cwnd::clamped(sk.snd_cwnd_clamp());
                sk.set_snd_cwnd_clamp(clamp);
            }),
            ..Optional::NONE
        },
    };
}

#[test]
fn a_socket_answers_as_the_kernels_functions() {
    check(
        |any| {
            let windows = (any.within(1..=MAX_CWND), any.within(2..=MAX_CWND));
            (windows, any.u8() % 5, any.u64(), any.u32(), any.bool())
        },
        |((cwnd, ssthresh), ca_state, mstamp, tsecr, flag)| {
            let mut asking = Connection::<Asking>::new();
            let sk = &mut asking.sk;
            (sk.snd_cwnd, sk.snd_ssthresh) = (cwnd, ssthresh);
            (sk.tcp_mstamp, sk.rcv_tsecr, sk.icsk_ca_state) = (mstamp, tsecr, ca_state);
            (sk.tcp_usec_ts, sk.saw_tstamp) = (flag, !flag);
            asking.ssthresh();

            let asked = asking.state();
            let reduces = ca_state == 2 || ca_state == 3;
            let current = if reduces {
                ssthresh
            } else {
                ssthresh.max(cwnd / 2 + cwnd / 4)
            };
            assert_eq!(
                (asked.current_ssthresh, asked.in_cwnd_reduction != 0),
                (current, reduces)
            );
            let stamp = if flag { mstamp } else { mstamp / 1000 } as u32;
            assert_eq!((asked.stamp.get(), asked.saw_tstamp != 0), (stamp, !flag));
            assert_eq!(asked.echoed.get() as u32, stamp.wrapping_sub(tsecr));
        },
    );
}

#[test]
fn any_field_can_be_read_by_its_name() {
    let mut asking = Connection::<Asking>::new();
    asking.sk.others.set("tcp_sock.rx_opt.mss_clamp", 536);
    asking.sk.others.set("tcp_sock.rx_opt.mss_clamp", 1460);
    // Those with a getter have their names here, too.
    (asking.sk.srtt_us, asking.sk.min_rtt_us) = (800_000, 90_000);
    asking.ssthresh();
    let asked = asking.state();
    assert_eq!(
        (asked.mss_clamp, asked.srtt_us, asked.reached),
        (1460, 800_000, 90_000)
    );
}

#[test]
fn the_window_of_a_clamp_is_one() {
    for (before, after) in [(0, 1), (65_535, 65_535), (u32::MAX, MAX_CWND)] {
        let mut asking = Connection::<Asking>::before_init(Default::default());
        asking.sk.snd_cwnd_clamp = before;
        asking.sk.base_rtt = before as i32;
        asking.establish();
        assert_eq!(asking.sk.snd_cwnd_clamp, after);
        let base_rtt = if before == 65_535 { before } else { u32::MAX };
        assert_eq!(asking.state().base_rtt.get(), base_rtt);
    }
}

#[test]
fn a_socket_adds_up() {
    check(
        |any| {
            let out = [any.u32(), any.u32(), any.u32(), any.u32()];
            (out, any.u64(), any.u64())
        },
        |([packets, sacked, lost, retrans], rate, max)| {
            let mut probe = Connection::<Probe>::new();
            let sk = &mut probe.sk;
            (sk.packets_out, sk.sacked_out) = (packets, sacked);
            (sk.lost_out, sk.retrans_out) = (lost, retrans);
            sk.sk_max_pacing_rate = max;
            probe.state_mut().rate = BytesPerSec::new(rate);
            probe.ssthresh();
            let in_flight = packets
                .wrapping_sub(sacked)
                .wrapping_sub(lost)
                .wrapping_add(retrans);
            assert_eq!(probe.state().in_flight.get(), in_flight);
            assert_eq!(probe.sk.sk_pacing_rate, rate.min(max));
        },
    );
}

mod params {
    tcp_cc::parameters! {
        /// One of each kind.
        pub struct Params {
            /// an `int`
            writable int: i32 = -1, -100..=100;
            /// a `uint`
            writable uint: u32 = 5, 5..=u32::MAX;
            /// a `bool`
            read_only flag: bool = true;
            /// a number that is not shown
            hidden secret: u32 = 7, 0..=9;
        }
        derived {
            /// Twice the `int`.
            double: u32 = |int: i32| (int as u32).wrapping_mul(2);
            /// Both numbers.
            both: u64 = |int: i32, uint: u32| ((int as u32 as u64) << 32) | uint as u64;
        }
    }
}
use params::Params;

#[test]
fn a_parameter_is_set_if_its_bounds_allow_it() {
    let [int, uint, flag, secret] = Params::DECLARED.list else {
        panic!("four were declared");
    };
    assert_eq!(
        (Params::int(), Params::uint(), Params::flag()),
        (-1, 5, true)
    );
    assert_eq!(
        (Params::double(), Params::both()),
        (-2_i32 as u32, 0xffff_ffff_0000_0005)
    );
    assert_eq!(
        [int, uint, flag, secret].map(|parameter| parameter.access),
        [
            ParamAccess::Writable,
            ParamAccess::Writable,
            ParamAccess::ReadOnly,
            ParamAccess::Hidden
        ]
    );

    check(
        |any| {
            let near = any.i64() % 1000;
            [any.i64(), near, near]
        },
        |[number, near, _]| {
            for value in [number, near] {
                for (parameter, bounds) in [
                    (int, -100..=100),
                    (uint, 5..=i64::from(u32::MAX)),
                    (flag, 0..=1),
                ] {
                    let before = parameter.get();
                    assert_eq!(parameter.set(value), bounds.contains(&value));
                    let after = if bounds.contains(&value) {
                        value
                    } else {
                        before
                    };
                    assert_eq!(parameter.get(), after);
                }
                let seen = (
                    i64::from(Params::int()),
                    i64::from(Params::uint()),
                    i64::from(Params::flag()),
                );
                assert_eq!(seen, (int.get(), uint.get(), flag.get()));

                // What is derived changes only when it is told to.
                let double = Params::double();
                assert!(int.set(if int.get() == 7 { 8 } else { 7 }));
                assert_eq!(Params::double(), double);
                (Params::DECLARED.derive)();
                assert_eq!(Params::double(), (Params::int() as u32).wrapping_mul(2));
                assert_eq!(Params::both() as u32, Params::uint());
            }
        },
    );
}
