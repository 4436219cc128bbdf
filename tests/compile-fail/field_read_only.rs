// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: writing a field that belongs to the kernel: `mss_cache`
// rustc: no method named `set_mss_cache` found
// c: compiles; segments are too large for the path
// bpf: no write support to tcp_sock at off
// forced bpf: no write support to tcp_sock at off

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(wrong)]
    sk.set_mss_cache(1460); //~ error
    #[cfg(forced)]
    // Rust does not know where the fields are: this is the first, the other end's address.
    // SAFETY: There is none: this is the mistake.
    unsafe {
        sk.as_raw().cast::<u32>().write(1460);
    }
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
