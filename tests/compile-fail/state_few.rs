// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: too many elements for a `SmallArray`
// rustc: `SmallArray` is for 1 to 8 elements
// c: compiles; any index
// bpf: invalid variable offset

use tcp_cc::SmallArray;

#[cfg(right)]
const LENGTH: usize = 8;
#[cfg(not(right))]
const LENGTH: usize = 9;

const NONE: SmallArray<u32, LENGTH> = SmallArray::new([0; LENGTH]);

state! {
    pub struct Memory {
        pub samples: SmallArray<u32, LENGTH>,
    }
}

fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    memory.samples = NONE; //~ error
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
