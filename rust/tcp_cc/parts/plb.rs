// SPDX-License-Identifier: GPL-2.0-only

//! Protective load balancing (PLB).
//!
//! A data center has many paths between two hosts, and switches choose one by a hash that includes
//! the IPv6 flow label. A connection that stays congested for several round trips changes its
//! label, and so its path. That may reorder packets, so the best moment is when nothing is in
//! flight. After a retransmission timeout PLB pauses for a while: the timeout has already changed
//! the path, maybe away from one that loses everything, and PLB should not lead back to it.
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

/// Protective load balancing, as part of an algorithm's state (Qureshi and others, "PLB: Congestion
/// Signals are Simple and Effective for Network Load Balancing", SIGCOMM 2022; `struct
/// tcp_plb_state`).
///
/// Does nothing unless `net.ipv4.tcp_plb_enabled` is set, and nothing in a BPF object.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Plb(backend::RawPlb);

// SAFETY: Two integers, of which the kernel takes any.
unsafe impl AnyBytes for Plb {}

impl Plb {
    /// Creates the state of a connection that was not congested.
    #[inline]
    pub fn new() -> Self {
        Self(Default::default())
    }

    /// Forgets all congestion (`tcp_plb_init()`). Bits without a meaning stay as they are.
    #[inline]
    pub fn clear(&mut self) {
        Target::plb_init(&mut self.0)
    }

    /// Counts a round trip (`tcp_plb_update_state()`). `cong_ratio` is the part of its packets that
    /// was marked, in 1/256; negative if unknown.
    #[inline]
    pub fn update(&mut self, sk: &mut Sock<Reroute>, cong_ratio: i32) {
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe { Target::plb_update_state(sk.as_raw(), &mut self.0, cong_ratio) }
    }

    /// Reroutes the connection if it was congested for long enough, which is less long if nothing
    /// is in flight (`tcp_plb_check_rehash()`).
    #[inline]
    pub fn check_rehash(&mut self, sk: &mut Sock<Reroute>) {
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe { Target::plb_check_rehash(sk.as_raw(), &mut self.0) }
    }

    /// Starts the pause after a retransmission timeout (`tcp_plb_update_state_upon_rto()`).
    #[inline]
    pub fn upon_rto(&mut self, sk: &mut Sock<Reroute>) {
        // SAFETY: A valid, locked socket by the type invariants (contract 5).
        unsafe { Target::plb_update_state_upon_rto(sk.as_raw(), &mut self.0) }
    }
}

impl Default for Plb {
    fn default() -> Self {
        Self::new()
    }
}
