// SPDX-License-Identifier: GPL-2.0-only

//! Protective load balancing.
//!
//! C source: [`net/ipv4/tcp_plb.c`](srctree/net/ipv4/tcp_plb.c)

use crate::{
    context::Reroute,
    AnyBytes,
    Sock, //
};
use tcp_cc_backend::{
    self as backend,
    Interface,
    Target, //
};

/// Protective load balancing: part of the state of an algorithm that reroutes a connection which
/// stays congested (Qureshi and others, "PLB: Congestion Signals are Simple and Effective for
/// Network Load Balancing", SIGCOMM 2022; `struct tcp_plb_state`).
///
/// Does nothing unless `net.ipv4.tcp_plb_enabled` is set, and nothing in a BPF object.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Plb(backend::RawPlb);

// SAFETY: Two integers, of which the kernel takes any.
unsafe impl AnyBytes for Plb {}

impl Plb {
    /// Nothing seen yet.
    #[inline]
    pub fn new() -> Self {
        Self(Default::default())
    }

    /// Forgets all that was seen (`tcp_plb_init()`). Bits without a meaning stay as they are.
    #[inline]
    pub fn clear(&mut self) {
        Target::plb_init(&mut self.0)
    }

    /// Notes the end of a round trip: `cong_ratio` is the part of its packets that were marked, in
    /// 1/256; negative if unknown (`tcp_plb_update_state()`).
    #[inline]
    pub fn update(&mut self, sk: &mut Sock<Reroute>, cong_ratio: i32) {
        // SAFETY: A valid, locked socket by the type invariants.
        unsafe { Target::plb_update_state(sk.as_raw(), &mut self.0, cong_ratio) }
    }

    /// Reroutes the connection if it was congested for long enough (`tcp_plb_check_rehash()`).
    #[inline]
    pub fn check_rehash(&mut self, sk: &mut Sock<Reroute>) {
        // SAFETY: A valid, locked socket by the type invariants.
        unsafe { Target::plb_check_rehash(sk.as_raw(), &mut self.0) }
    }

    /// Notes that the retransmission timer ran out (`tcp_plb_update_state_upon_rto()`).
    #[inline]
    pub fn upon_rto(&mut self, sk: &mut Sock<Reroute>) {
        // SAFETY: A valid, locked socket by the type invariants.
        unsafe { Target::plb_update_state_upon_rto(sk.as_raw(), &mut self.0) }
    }
}

impl Default for Plb {
    fn default() -> Self {
        Self::new()
    }
}
