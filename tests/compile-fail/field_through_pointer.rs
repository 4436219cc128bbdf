// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: reaching foreign data through the socket's pointers
// rustc: field `raw` of struct `tcp_cc::Sock` is private
// c: compiles; `sk->sk_socket->flags = 0` and the like
// bpf: only read is supported
// forced bpf: only read is supported

/// Where a `struct sock_common` of 64 bits has `skc_prot`, what all TCP sockets share.
#[cfg(forced)]
const SKC_PROT: usize = 40;

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(wrong)]
    let _ = sk.raw; //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe {
        let prot = sk.as_raw().cast::<*mut u64>().add(SKC_PROT / 8).read();
        prot.write(0);
    }
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
