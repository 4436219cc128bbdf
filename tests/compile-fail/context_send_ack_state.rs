// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: keeping the state borrowed while an ACK is sent, which `ssthresh` may change
// rustc: cannot borrow `*sk` as mutable more than once at a time
// c: compiles; with a cached value, a reduction in between is lost
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
    {
        let before = sk.state().reductions;
        sk.send_ack(rcv_nxt);
        let ca = sk.state_mut();
        ca.nested = ca.reductions.wrapping_sub(before);
    }
    #[cfg(not(right))]
    {
        let ca = sk.state_mut();
        let before = ca.reductions;
        sk.send_ack(rcv_nxt); //~ error
        ca.nested = ca.reductions.wrapping_sub(before);
    }
}
