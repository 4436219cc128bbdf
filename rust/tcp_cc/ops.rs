// SPDX-License-Identifier: GPL-2.0-only

//! The table of callbacks.

use crate::{
    AckSample,
    SeqNo,
    Sock,
    State, //
};

/// A congestion control algorithm.
///
/// The type itself is never made; it names the state and the table.
pub trait CongestionControl: Sized + 'static {
    /// What the algorithm keeps for each socket, in `icsk_ca_priv`; `()` for nothing.
    type State: State;

    /// The table.
    const OPS: Ops<Self>;
}

/// What `struct tcp_congestion_ops` is in C.
///
/// A callback gets the socket, which it owns while it runs, and the state. Callbacks run in softirq
/// or in process context with the socket's lock held: none may sleep.
pub struct Ops<A: CongestionControl> {
    /// The name under which `sysctl`, `setsockopt` and `ip route` know the algorithm: at most
    /// [`NAME_MAX`](crate::NAME_MAX) bytes of ASCII letters, digits, `_` and `-`.
    ///
    /// The kernel loads the module `tcp_<name>` when somebody asks for an unknown name.
    pub name: &'static str,

    /// How the window grows.
    pub control: Control<A>,

    /// The slow start threshold after a loss or an ECN mark.
    ///
    /// Called on entry to Loss, Recovery and CWR, and also on a SYN timeout, before `init`.
    pub ssthresh: fn(&mut Sock<'_>, &mut A::State) -> Ssthresh,

    /// The window to go back to after a loss that turns out to be spurious, in packets.
    ///
    /// The kernel is given at least 1 and at most 2^31 - 1.
    pub undo_cwnd: fn(&mut Sock<'_>, &mut A::State) -> u32,

    /// The callbacks that an algorithm may leave out.
    pub hooks: Hooks<A>,
}

/// The two families of algorithms. One is chosen; there is no way to choose both, or neither.
pub enum Control<A: CongestionControl> {
    /// The kernel does PRR, pacing, ECN and idle periods; the algorithm grows the window.
    ///
    /// Gets the acknowledged sequence number and the packets that were newly acknowledged.
    Classic(fn(&mut Sock<'_>, &mut A::State, ack: SeqNo, acked: u32)),
}

/// The callbacks that an algorithm may leave out.
///
/// Start from [`Hooks::NONE`]: `Hooks { init: Some(init), ..Hooks::NONE }`.
pub struct Hooks<A: CongestionControl> {
    /// The connection is established, or the algorithm was just chosen for it.
    ///
    /// The state holds what was there before.
    pub init: Option<fn(&mut Sock<'_>, &mut A::State)>,

    /// The algorithm is about to leave the socket. Not called if `init` was not.
    pub release: Option<fn(&mut Sock<'_>, &mut A::State)>,

    /// Called before the socket's state changes.
    pub set_state: Option<fn(&mut Sock<'_>, &mut A::State, CaState)>,

    /// The first packet is about to be sent with none in flight.
    pub cwnd_event_tx_start: Option<fn(&mut Sock<'_>, &mut A::State)>,

    /// Packets were acknowledged and are out of the retransmit queue.
    pub pkts_acked: Option<fn(&mut Sock<'_>, &mut A::State, &AckSample<'_>)>,
}

impl<A: CongestionControl> Hooks<A> {
    /// No hook at all.
    pub const NONE: Self = Self {
        init: None,
        release: None,
        set_state: None,
        cwnd_event_tx_start: None,
        pkts_acked: None,
    };
}

/// A slow start threshold, in packets.
///
/// # Invariants
///
/// At least 2: [RFC 5681, equation 4](https://www.rfc-editor.org/rfc/rfc5681#section-3.1) says so,
/// and with less the kernel's slow start could set a window of 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Ssthresh(u32);

impl Ssthresh {
    /// `packets`, or 2 if that is more.
    #[inline]
    pub const fn new(packets: u32) -> Self {
        // INVARIANT: At least 2 in both cases.
        Self(if packets > 2 { packets } else { 2 })
    }

    /// The threshold in packets.
    #[inline]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// The congestion state of a socket, `enum tcp_ca_state` (`TCP_CA_*`).
///
/// A newer kernel may have values that have no name here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct CaState(u8);

impl CaState {
    /// Nothing bad has been observed recently.
    pub const OPEN: Self = Self(0);
    /// SACKs or duplicate ACKs were seen.
    pub const DISORDER: Self = Self(1);
    /// The window was reduced by an ECN mark.
    pub const CWR: Self = Self(2);
    /// The window was reduced and lost packets are fast-retransmitted.
    pub const RECOVERY: Self = Self(3);
    /// The retransmission timer ran out.
    pub const LOSS: Self = Self(4);

    /// The state with the kernel's number `value`.
    #[inline]
    pub const fn from_raw(value: u8) -> Self {
        Self(value)
    }

    /// The kernel's number of this state.
    #[inline]
    pub const fn as_raw(self) -> u8 {
        self.0
    }
}
