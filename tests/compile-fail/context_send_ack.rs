// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: sending an ACK in the wrong callback
// rustc: no method named `send_ack` found
// c: compiles; calls back into TCP in the middle of a loss
// bpf loads: calls back into TCP in the middle of a loss
// forced loads: calls back into TCP in the middle of a loss

fn ssthresh(sk: &mut Sock, _: &mut ()) -> Ssthresh {
    #[cfg(wrong)]
    sk.send_ack(sk.rcv_nxt()); //~ error
    #[cfg(forced)]
    // SAFETY: There is none: this is the mistake.
    unsafe { Sock::<Event<()>>::from_raw(sk.as_raw()) }.send_ack(sk.rcv_nxt());
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}
