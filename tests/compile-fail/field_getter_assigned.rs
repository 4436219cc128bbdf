// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: assigning to a field that is only measured: `snd_una`
// rustc: attempted to take value of method `snd_una`
// c: compiles; the retransmission timer no longer fits the path
// bpf: no write support to tcp_sock at off
// forced build: calls set_snd_una, which BPF does not have

#[cfg(forced)]
extern "C" {
    fn set_snd_una(sk: *mut u8, value: u32);
}

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(wrong)]
    {
        sk.snd_una = 0; //~ error
    }
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe {
        set_snd_una(sk.as_raw().cast(), 0);
    }
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
