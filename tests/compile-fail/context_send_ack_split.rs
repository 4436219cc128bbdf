// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: sending an ACK through the socket that is borrowed beside the state
// rustc: no method named `send_ack` found for mutable reference `&mut tcp_cc::Sock<Reroute>`
// c: compiles; `ssthresh` changes the state in the middle
// no bpf: it reads the state again after each call

state! {
    pub struct Memory {
        /// Reductions: counted in `ssthresh`.
        pub reductions: u32,
        /// Those while an ACK was being sent.
        pub nested: u32,
    }
}

fn ssthresh(sk: &mut Sock, ca: &mut Memory) -> Ssthresh {
    ca.reductions = ca.reductions.wrapping_add(1);
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}

fn cwnd_event(sk: &mut Sock<Event<Memory>>, _: CwndEvent) {
    let rcv_nxt = sk.rcv_nxt();
    #[cfg(right)]
    sk.send_ack(rcv_nxt);
    let (sk, ca) = sk.split();
    #[cfg(not(right))]
    sk.send_ack(rcv_nxt); //~ error
    ca.nested = sk.snd_cwnd().get();
}
