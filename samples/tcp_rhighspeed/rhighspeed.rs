// SPDX-License-Identifier: GPL-2.0-only

//! HighSpeed TCP: the larger the window, the more it grows, and the less a loss takes.
//!
//! With Reno a window of 83,000 packets, 10 Gbit/s at 100 ms, allows one loss in an hour and a half
//! ([RFC 3649](https://www.rfc-editor.org/rfc/rfc3649), section 1). Here both parameters of Reno,
//! the growth `a(w)` in a round trip and the part `b(w)` that a loss takes, depend on the window:
//! up to 38 packets they are Reno's, 1 and a half, and in a window of 84,035 they are 71 and a
//! tenth. They are in a table, in which the row of a window has the growth as its number.
//!
//! The reference is [`net/ipv4/tcp_highspeed.c`](srctree/net/ipv4/tcp_highspeed.c) by John Heffner,
//! after Floyd, "HighSpeed TCP for Large Congestion Windows", RFC 3649, 2003. Results are the same,
//! bit for bit, wherever C is defined. The difference:
//!
//! | input                                     | C                       | here                   |
//! |-------------------------------------------|-------------------------|------------------------|
//! | a row that the table does not have        | reads beyond its end    | the last row           |

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

/// The parameters up to a window.
#[derive(Clone, Copy)]
struct Aimd {
    /// The largest window, in packets.
    cwnd: u32,
    /// What a loss takes, in 1/256 (`b(w)`).
    md: u32,
}

/// The denominator of [`Aimd::md`], as a shift.
const MD_SHIFT: u32 = 8;

/// A row of the table.
const fn row(cwnd: u32, md: u32) -> Aimd {
    Aimd { cwnd, md }
}

/// The table of RFC 3649, appendix B: from row to row the growth in a round trip is a packet more.
#[rustfmt::skip]
const AIMD: LookupTable<Aimd, 72> = LookupTable::new([
    row(38, 128), row(118, 112), row(221, 104), row(347, 98),
    row(495, 93), row(663, 89), row(851, 86), row(1058, 83),
    row(1284, 81), row(1529, 78), row(1793, 76), row(2076, 74),
    row(2378, 72), row(2699, 71), row(3039, 69), row(3399, 68),
    row(3778, 66), row(4177, 65), row(4596, 64), row(5036, 62),
    row(5497, 61), row(5979, 60), row(6483, 59), row(7009, 58),
    row(7558, 57), row(8130, 56), row(8726, 55), row(9346, 54),
    row(9991, 53), row(10661, 52), row(11358, 52), row(12082, 51),
    row(12834, 50), row(13614, 49), row(14424, 48), row(15265, 48),
    row(16137, 47), row(17042, 46), row(17981, 45), row(18955, 45),
    row(19965, 44), row(21013, 43), row(22101, 43), row(23230, 42),
    row(24402, 41), row(25618, 41), row(26881, 40), row(28193, 39),
    row(29557, 39), row(30975, 38), row(32450, 38), row(33986, 37),
    row(35586, 36), row(37253, 36), row(38992, 35), row(40808, 35),
    row(42707, 34), row(44694, 33), row(46776, 33), row(48961, 32),
    row(51258, 32), row(53677, 31), row(56230, 30), row(58932, 30),
    row(61799, 29), row(64851, 28), row(68113, 28), row(71617, 27),
    row(75401, 26), row(79517, 26), row(84035, 25), row(89053, 24),
]);

/// The number of the last row.
const LAST: u32 = LookupTable::<Aimd, 72>::LEN - 1;

/// The largest window, with which the arithmetic of a loss fits.
const MAX_CWND: Packets = Packets::new(u32::MAX / 128);

state! {
    /// The state of a connection. The layout is that of C's `struct hstcp`.
    pub struct Hstcp {
        /// The row of the window.
        pub ai: u32,
    }
}

/// HighSpeed TCP.
pub struct Rhighspeed;

impl CongestionControl for Rhighspeed {
    type State = Hstcp;

    const OPS: Ops<Self> = Ops {
        name: "rhighspeed",
        flags: Flags::NONE,
        control: Control::CongAvoid(cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            init: Some(init),
            ..Optional::NONE
        },
    };
}

fn init(sk: &mut Sock<Init<Hstcp>>) {
    let (sk, ca) = sk.split();
    ca.ai = 0;
    let clamp = Cwnd::clamped(sk.snd_cwnd_clamp().min(MAX_CWND));
    sk.set_snd_cwnd_clamp(clamp);
}

/// Grows by `a(w) / cwnd` for each ACK.
fn cong_avoid(sk: &mut Sock, ca: &mut Hstcp, _ack: SeqNo, acked: Acked) {
    if !sk.is_cwnd_limited() {
        return;
    }
    if sk.in_slow_start() {
        sk.slow_start(acked);
        return;
    }
    let cwnd = sk.snd_cwnd();
    ca.follow(cwnd.get());
    if cwnd < sk.snd_cwnd_clamp() {
        let count = sk.snd_cwnd_cnt() + Packets::new(ca.ai) + Packets::new(1);
        if cwnd > count {
            sk.set_snd_cwnd_cnt(count);
        } else {
            sk.set_snd_cwnd_cnt(count - cwnd.packets());
            sk.set_snd_cwnd(Cwnd::clamped(cwnd + Packets::new(1)));
        }
    }
}

/// Takes `b(w)` of the window.
fn ssthresh(sk: &mut Sock, ca: &mut Hstcp) -> Ssthresh {
    let cwnd = sk.snd_cwnd();
    let taken = (cwnd * AIMD.get(ca.ai).md) >> MD_SHIFT;
    Ssthresh::clamped(cwnd - taken)
}

impl Hstcp {
    /// Goes to the row of a window of `cwnd` packets. Mostly that is the same as before, or beside
    /// it.
    fn follow(&mut self, cwnd: u32) {
        let is_above = |row: u32| row > 0 && cwnd <= AIMD.get(row - 1).cwnd;
        let is_below = |row: u32| row < LAST && cwnd > AIMD.get(row).cwnd;
        if is_below(self.ai) || is_above(self.ai) {
            self.ai = cold_call(move || row_of(cwnd));
        }
    }
}

/// Returns the row of a window: the first that is not below it, or the last.
pub fn row_of(cwnd: u32) -> u32 {
    // A binary search: bit by bit, the largest number whose row before it is below the window.
    let mut row = 0_u32;
    let mut bit = 1 << LAST.ilog2();
    while bit > 0 {
        let next = row | bit;
        if next <= LAST && cwnd > AIMD.get(next.wrapping_sub(1)).cwnd {
            row = next;
        }
        bit >>= 1;
    }
    row
}
