// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an element beyond the end of an array in the state
// rustc: this operation will panic at runtime
// c: compiles, with a warning; writes to the next field
// bpf: no write support to tcp_sock at off
// forced bpf: no write support to tcp_sock at off

state! {
    pub struct Memory {
        pub samples: [u32; 26],
    }
}

fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    #[cfg(right)]
    let last = memory.samples[25];
    #[cfg(wrong)]
    let last = memory.samples[27]; //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    let last = unsafe { memory.samples.as_mut_ptr().add(27).replace(0) };
    memory.samples[0] = last;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
