// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: keeping a socket in the state
// rustc: `&'static tcp_cc::Sock` cannot be part of a state that the kernel keeps
// c: compiles; a child gets a copy of the pointer
// bpf: invalid mem access 'scalar'
// forced bpf: invalid mem access 'scalar'

state! {
    pub struct Memory {
        pub sk: Kept, //~ error
    }
}

#[cfg(any(right, forced))]
type Kept = u64;
#[cfg(wrong)]
type Kept = &'static Sock;

#[cfg(forced)]
fn ssthresh(sk: &mut Sock, memory: &mut Memory) -> Ssthresh {
    // SAFETY: There is none: this is the mistake.
    let kept: &mut Sock = unsafe { Sock::from_raw(memory.sk as *mut _) };
    kept.set_snd_cwnd_cnt(Packets::ZERO);
    memory.sk = sk.as_raw() as u64;
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
