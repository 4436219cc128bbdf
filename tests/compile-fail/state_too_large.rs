// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a state larger than `icsk_ca_priv`
// rustc: the state is larger than a socket has room for (icsk_ca_priv, 104 bytes)
// at: algorithm: wrong::Algorithm
// c: a `BUILD_BUG_ON()`, unless it was forgotten; then it overwrites the next fields of the socket
// bpf: no write support to tcp_sock at off
// forced bpf: no write support to tcp_sock at off

#[cfg(any(right, forced))]
const LENGTH: usize = 26;
#[cfg(wrong)]
const LENGTH: usize = 27;

state! { //~ error
    pub struct Memory {
        samples: [u32; LENGTH],
    }
}

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    let large = (memory as *mut Memory).cast::<[u32; 27]>();
    // SAFETY: There is none: this is the mistake.
    unsafe { (*large)[26] = 1 };
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
