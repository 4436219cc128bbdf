// SPDX-License-Identifier: GPL-2.0-only

//! Reno's callbacks, for algorithms that change only some of them.
//!
//! C source: [`net/ipv4/tcp_cong.c`](srctree/net/ipv4/tcp_cong.c)

use crate::{
    units::FromKernel,
    Acked,
    Cwnd,
    SeqNo,
    Sock,
    Ssthresh, //
};
use tcp_cc_backend::{
    Interface,
    Target, //
};

/// Slow start, then one packet per round trip: `tcp_reno_cong_avoid()`.
#[inline]
pub fn cong_avoid<S>(sk: &mut Sock, _: &mut S, _ack: SeqNo, acked: Acked) {
    if let Some(cong_avoid) = const { Target::RENO_CONG_AVOID } {
        // SAFETY: A valid, locked socket by the type invariants.
        return unsafe { cong_avoid(sk.as_raw(), acked.get()) };
    }
    if sk.is_cwnd_limited() {
        sk.slow_start_then(acked, |sk, acked| sk.cong_avoid_ai(sk.snd_cwnd(), acked));
    }
}

/// Half the window: `tcp_reno_ssthresh()`.
#[inline]
pub fn ssthresh<S>(sk: &mut Sock, _: &mut S) -> Ssthresh {
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}

/// The window before the reduction: `tcp_reno_undo_cwnd()`.
#[inline]
pub fn undo_cwnd<S>(sk: &mut Sock, _: &mut S) -> Cwnd {
    // Both were the kernel's window, and the larger one is not 0.
    Cwnd::from_kernel(sk.snd_cwnd().get().max(sk.prior_cwnd().get()))
}
