// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: changing the congestion state, which the kernel owns
// rustc: no method named `set_ca_state` found
// c: compiles; the kernel's recovery is corrupted
// bpf: no write support to tcp_sock at off
// forced build: calls set_ca_state, which BPF does not have

#[cfg(forced)]
extern "C" {
    fn set_ca_state(sk: *mut u8, state: u8);
}

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(wrong)]
    sk.set_ca_state(CaState::OPEN); //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe {
        set_ca_state(sk.as_raw().cast(), 0);
    }
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
