// SPDX-License-Identifier: GPL-2.0-only

//! Tables of callbacks: an algorithm's, and the kernel's own.

use super::{
    Family,
    RealSock, //
};
use ferrops_bindings as bindings;
use kernel::prelude::*;
use tcp_cc::{
    callbacks,
    CongestionControl, //
};

/// A table of callbacks that may be called on a [`FakeSock`](super::FakeSock).
///
/// # Invariants
///
/// The callbacks may be called, on any socket that the caller owns and with any state, while the
/// value lives. Of a socket that is closed they follow no pointers but those that a `FakeSock` has.
pub struct Table {
    ops: bindings::tcp_congestion_ops,
    /// Keeps the module of the callbacks loaded.
    _user: Option<RealSock>,
}

impl Table {
    /// The table that `Registration` registers for `A`.
    #[inline]
    pub fn of<A: CongestionControl>() -> Self {
        // INVARIANT: The adapter's callbacks want such a socket, and any state is valid by the
        // contract of `ferrops_core::AnyBytes`. They are in the module that calls this.
        Self {
            ops: const { callbacks::table::<A>() },
            _user: None,
        }
    }

    /// The callbacks of `tcp_reno`.
    #[inline]
    pub fn reno() -> Self {
        // INVARIANT: The kernel exports these for congestion controls to call on the socket that
        // they own; they read and write nothing but fields of `struct tcp_sock`.
        Self {
            ops: bindings::tcp_congestion_ops {
                cong_avoid: Some(bindings::tcp_reno_cong_avoid),
                ssthresh: Some(bindings::tcp_reno_ssthresh),
                undo_cwnd: Some(bindings::tcp_reno_undo_cwnd),
                ..Default::default()
            },
            _user: None,
        }
    }

    /// The table of the kernel's `cubic`.
    ///
    /// On some states that it never makes, its `cong_avoid` divides by 0 (with a `cnt` of 0), or
    /// runs very long (with an `ack_cnt` much larger than the window).
    #[inline]
    pub fn cubic() -> Result<Self> {
        let user = RealSock::new(Family::V4)?;
        user.select(c"cubic")?;
        // INVARIANT: `user` holds a reference to the module. The callbacks read and write fields of
        // the socket and of the state in it, and compute; they follow no pointer but that to the
        // network namespace, which a `FakeSock` has.
        Ok(Self {
            ops: user.ops(),
            _user: Some(user),
        })
    }

    /// The C table.
    #[inline]
    pub fn as_raw(&self) -> &bindings::tcp_congestion_ops {
        &self.ops
    }
}

/// A copy of the table that the kernel has under `name`, if there is one, less what the kernel
/// writes to.
#[inline]
pub fn registered(name: &CStr) -> Result<bindings::tcp_congestion_ops> {
    let user = RealSock::new(Family::V4)?;
    user.select(name)?;
    Ok(user.ops())
}
