// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a lookup table without an element
// rustc: a `LookupTable` has at least one element
// c: compiles; reads beyond the end of the table
// bpf: unbounded memory access
// forced bpf: unbounded memory access

#[cfg(not(forced))]
use tcp_cc::LookupTable;

#[cfg(right)]
const GAIN: LookupTable<u32, 3> = LookupTable::new([5, 3, 4]);
#[cfg(wrong)]
const GAIN: LookupTable<u32, 0> = LookupTable::new([]); //~ error
#[cfg(forced)]
static GAIN: [u32; 3] = [5, 3, 4];

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(not(forced))]
    let gain = GAIN.get(sk.delivered().get());
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    let gain = unsafe { *GAIN.get_unchecked(sk.delivered().get() as usize) };
    Ssthresh::clamped(sk.snd_cwnd() * gain / 8)
}
