// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: reading from any address
// rustc: usage of an `unsafe` block
// c: compiles; an oops, or foreign data
// bpf: invalid mem access 'scalar'
// forced bpf: invalid mem access 'scalar'

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(wrong)]
    // SAFETY: There is none: this is the mistake.
    let _ = unsafe { *(0x1000 as *const u32) }; //~ error
    #[cfg(forced)]
    let _ = unsafe { (0x1000 as *const u32).read_volatile() };
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
