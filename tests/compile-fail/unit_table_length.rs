// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a lookup table with an unbounded index
// rustc: a `LookupTable` has a length that is a power of two: fill it up
// c: compiles; reads beyond the end of the table
// bpf: unbounded memory access
// forced bpf: unbounded memory access

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;
#[cfg(not(forced))]
use tcp_cc::LookupTable;

#[cfg(right)]
const GAIN: LookupTable<u32, 4> = LookupTable::new([5, 3, 4, 4]);
#[cfg(not(any(right, forced)))]
const GAIN: LookupTable<u32, 3> = LookupTable::new([5, 3, 4]); //~ wrong
#[cfg(forced)]
static GAIN: [u32; 3] = [5, 3, 4];

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = ();

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(not(forced))]
    let gain = GAIN.get(sk.delivered().get());
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    let gain = unsafe { *GAIN.get_unchecked(sk.delivered().get() as usize) };
    Ssthresh::clamped(sk.snd_cwnd() * gain / 8)
}
