// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: making a socket out of an address
// rustc: is unsafe and requires unsafe block
// c: compiles; any pointer is a `struct sock *` after a cast
// bpf: R1 is scalar expected STRUCT sock
// forced bpf: invalid mem access 'scalar'

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(wrong)]
    let _: &mut Sock = Sock::from_raw(0x1000 as *mut _); //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe { Sock::<tcp_cc::context::Locked>::from_raw(0x1000 as *mut _) }
        .set_snd_cwnd_cnt(Packets::ZERO);
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
