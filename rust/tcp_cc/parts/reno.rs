// SPDX-License-Identifier: GPL-2.0-only

//! Reno's callbacks ([RFC 5681](https://www.rfc-editor.org/rfc/rfc5681), section 3.1), for
//! algorithms that change only some of them.
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

/// Doubles the window in a round trip up to the threshold, and from there adds one packet
/// (`tcp_reno_cong_avoid()`).
///
/// It does nothing while the application is the limit: a window that is not used says nothing of
/// the path.
#[inline]
pub fn cong_avoid<S>(sk: &mut Sock, _: &mut S, _ack: SeqNo, acked: Acked) {
    if let Some(cong_avoid) = const { Target::RENO_CONG_AVOID } {
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        return unsafe { cong_avoid(sk.as_raw(), acked.get()) };
    }
    grow(sk, acked);
}

/// The window's growth: one copy for all types of state.
#[inline]
fn grow(sk: &mut Sock, acked: Acked) {
    if sk.is_cwnd_limited() {
        sk.slow_start_then(acked, |sk, acked| sk.cong_avoid_ai(sk.snd_cwnd(), acked));
    }
}

/// Returns half of the window (`tcp_reno_ssthresh()`).
///
/// RFC 5681, equation 4, takes half of what is in flight, so that a window that was never used does
/// not count. The kernel takes the window, which grows only while it is used.
#[inline]
pub fn ssthresh<S>(sk: &mut Sock, _: &mut S) -> Ssthresh {
    Ssthresh::clamped(sk.snd_cwnd() / 2)
}

/// Returns the window before a reduction that proved wrong (`tcp_reno_undo_cwnd()`), or the present
/// one if it has grown beyond that.
#[inline]
pub fn undo_cwnd<S>(sk: &mut Sock, _: &mut S) -> Cwnd {
    // Both were the kernel's window at some time, and the larger one is not 0.
    Cwnd::from_kernel(sk.snd_cwnd().get().max(sk.prior_cwnd().get()))
}
