// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: indexing the state without a bound
// caught: the build: a reachable panic in the object
// object: panic_bounds_check
// c: compiles; writes to any address near the socket
// bpf: invalid variable offset
// forced bpf: invalid variable offset

state! {
    pub struct Memory {
        pub next: u32,
        pub samples: [u32; 8],
    }
}

fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    #[cfg(right)]
    let next = 0_usize;
    #[cfg(not(right))]
    let next = memory.next as usize;
    #[cfg(not(forced))]
    {
        memory.samples[next] = sk.snd_cwnd().get();
    }
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe {
        *memory.samples.get_unchecked_mut(next) = sk.snd_cwnd().get();
    }
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
