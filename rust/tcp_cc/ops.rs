// SPDX-License-Identifier: GPL-2.0-only

//! The table of callbacks.

use crate::{
    context::{
        Event,
        Init,
        Unlocked, //
    },
    AckSample,
    Acked,
    Cwnd,
    Info,
    Packets,
    Parameters,
    RateSample,
    SeqNo,
    Sock,
    Ssthresh,
    State, //
};

/// A congestion control algorithm.
///
/// The type itself is never made; it names the state and the table.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a congestion control algorithm",
    note = "implement `tcp_cc::CongestionControl` for it: a `State` and a table `OPS`"
)]
pub trait CongestionControl: Sized + 'static {
    /// What the algorithm keeps for each socket, in `icsk_ca_priv`; `()` for nothing.
    type State: State;

    /// The table.
    const OPS: Ops<Self>;

    /// The parameters, declared with [`parameters!`](crate::parameters); by default there are none.
    const PARAMETERS: Parameters = Parameters::NONE;
}

/// What `struct tcp_congestion_ops` is in C.
///
/// A callback gets the socket, which it owns while it runs, and the state; one that may call back
/// into the algorithm borrows the state from the socket ([`context`](crate::context)). Callbacks run
/// in softirq or in process context with the socket's lock held: none may sleep.
pub struct Ops<A: CongestionControl> {
    /// The name under which `sysctl`, `setsockopt` and `ip route` know the algorithm: at most
    /// [`NAME_MAX`](crate::NAME_MAX) bytes of ASCII letters, digits, `_` and `-`.
    ///
    /// The kernel loads the module `tcp_<name>` when somebody asks for an unknown name.
    pub name: &'static str,

    /// What the algorithm asks of the kernel.
    pub flags: Flags,

    /// How the window grows.
    pub control: Control<A>,

    /// The slow start threshold after a loss or an ECN mark.
    ///
    /// Called on entry to Loss, Recovery and CWR, and also on a SYN timeout, before `init`.
    pub ssthresh: fn(&mut Sock, &mut A::State) -> Ssthresh,

    /// The window to go back to after a loss that turns out to be spurious.
    pub undo_cwnd: fn(&mut Sock, &mut A::State) -> Cwnd,

    /// The callbacks that an algorithm may leave out.
    pub hooks: Hooks<A>,
}

/// The two families of algorithms. One is chosen; there is no way to choose both, or neither.
pub enum Control<A: CongestionControl> {
    /// `cong_avoid`: the kernel does PRR, pacing, ECN and idle periods; the algorithm grows the
    /// window.
    ///
    /// Gets the acknowledged sequence number and the packets that were newly acknowledged.
    Classic(fn(&mut Sock, &mut A::State, ack: SeqNo, acked: Acked)),

    /// `cong_control`: the algorithm sets the window, and the pacing rate, itself.
    ///
    /// Called at the end of the processing of every ACK, in recovery too.
    Custom(fn(&mut Sock, &mut A::State, ack: SeqNo, flags: AckFlags, rs: &RateSample)),
}

/// The callbacks that an algorithm may leave out.
///
/// Start from [`Hooks::NONE`]: `Hooks { init: Some(init), ..Hooks::NONE }`. What is left out is
/// `NULL` in the table.
pub struct Hooks<A: CongestionControl> {
    /// The connection is established, or the algorithm was just chosen for it.
    ///
    /// The state holds what was there before. It is not the first callback to see it: on a
    /// connection that is being made, `in_ack_event` and `pkts_acked` of the SYN's ACK come before,
    /// `ssthresh` and `cwnd_event` after a SYN timeout, and `set_state` on one that a listener
    /// accepts.
    pub init: Option<fn(&mut Sock<Init<A::State>>)>,

    /// The algorithm is about to leave the socket. Not called if `init` was not.
    ///
    /// It need not be the last callback: after a disconnect comes `set_state`, with a state of
    /// zeroes.
    pub release: Option<fn(&mut Sock, &mut A::State)>,

    /// Called before the socket's congestion state changes, with the new one.
    ///
    /// A new connection that a listener accepts gets here before `init`.
    pub set_state: Option<fn(&mut Sock, &mut A::State, CaState)>,

    /// Something happened to the window, or a packet came with or without an ECN mark.
    ///
    /// [`CwndEvent::LOSS`] may come before `init`, on a SYN timeout. The start of a transmission
    /// is not among the events but has a callback of its own.
    pub cwnd_event: Option<fn(&mut Sock<Event<A::State>>, CwndEvent)>,

    /// The first packet is about to be sent with none in flight.
    pub cwnd_event_tx_start: Option<fn(&mut Sock<Event<A::State>>)>,

    /// An ACK arrived and is about to be processed.
    pub in_ack_event: Option<fn(&mut Sock<Event<A::State>>, AckEventFlags)>,

    /// Packets were acknowledged and are out of the retransmit queue.
    pub pkts_acked: Option<fn(&mut Sock, &mut A::State, &AckSample)>,

    /// The fewest packets to hand to the device at once; without it `net.ipv4.tcp_min_tso_segs`.
    ///
    /// The kernel is given at least 1.
    pub min_tso_segs: Option<fn(&mut Sock, &mut A::State) -> Packets>,

    /// How many windows the send buffer should have room for; without it 2.
    ///
    /// The kernel is given 1 to 128.
    pub sndbuf_expand: Option<fn(&mut Sock, &mut A::State) -> u32>,

    /// What `ss -ti` and `getsockopt(TCP_CC_INFO)` show of this socket.
    ///
    /// Runs without the socket's lock, beside any other callback and even while another algorithm
    /// takes over: the state is a copy of bytes that may have been read while they were written.
    pub get_info: Option<fn(&Sock<Unlocked>, &A::State) -> Info>,
}

impl<A: CongestionControl> Hooks<A> {
    /// No hook at all.
    pub const NONE: Self = Self {
        init: None,
        release: None,
        set_state: None,
        cwnd_event: None,
        cwnd_event_tx_start: None,
        in_ack_event: None,
        pkts_acked: None,
        min_tso_segs: None,
        sndbuf_expand: None,
        get_info: None,
    };
}

/// What an algorithm asks of the kernel (`TCP_CONG_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Flags(u32);

impl Flags {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// May be chosen without `CAP_NET_ADMIN`, and in every network namespace.
    pub const NON_RESTRICTED: Self = Self(1 << 0);
    /// All packets are to be sent as ECN capable.
    pub const NEEDS_ECN: Self = Self(1 << 1);
    /// Accurate ECN is to be negotiated.
    pub const NEEDS_ACCECN: Self = Self(1 << 2);
    /// Packets are sent with ECT(1) and not ECT(0) before `init`.
    pub const ECT_1_NEGOTIATION: Self = Self(1 << 3);
    /// Accurate ECN or none at all.
    pub const NO_FALLBACK_RFC3168: Self = Self(1 << 4);

    /// These and those.
    #[inline]
    pub const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// The kernel's bits.
    #[inline]
    pub const fn bits(self) -> u32 {
        self.0
    }
}

/// Generates a number of the kernel's that has names for some values.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident($raw:ty);
     $($(#[$value_doc:meta])* $value:ident = $number:expr;)*) => {
        $(#[$doc])*
        ///
        /// A newer kernel may have values that have no name here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(transparent)]
        pub struct $name($raw);

        impl $name {
            $($(#[$value_doc])* pub const $value: Self = Self($number);)*

            /// What the kernel's number `value` stands for.
            #[inline]
            pub const fn from_raw(value: $raw) -> Self {
                Self(value)
            }

            /// The kernel's number.
            #[inline]
            pub const fn as_raw(self) -> $raw {
                self.0
            }
        }
    };
}

named! {
    /// The congestion state of a socket, `enum tcp_ca_state` (`TCP_CA_*`).
    CaState(u8);

    /// Nothing bad has been observed recently.
    OPEN = 0;
    /// SACKs or duplicate ACKs were seen.
    DISORDER = 1;
    /// The window was reduced by an ECN mark.
    CWR = 2;
    /// The window was reduced and lost packets are fast-retransmitted.
    RECOVERY = 3;
    /// The retransmission timer ran out.
    LOSS = 4;
}

named! {
    /// What happened to the window, `enum tcp_ca_event` (`CA_EVENT_*`).
    CwndEvent(u32);

    /// The window was reset after an idle period.
    CWND_RESTART = 1;
    /// A recovery is over.
    COMPLETE_CWR = 2;
    /// The retransmission timer ran out.
    LOSS = 3;
    /// A packet came as ECN capable and not marked.
    ECN_NO_CE = 4;
    /// A packet came with an ECN mark.
    ECN_IS_CE = 5;
}

named! {
    /// What an arriving ACK is, `enum tcp_ca_ack_event_flags` (`CA_ACK_*`).
    AckEventFlags(u32);

    /// It is not the next one that was expected.
    SLOWPATH = 1 << 0;
    /// It updates the window of the receiver.
    WIN_UPDATE = 1 << 1;
    /// It echoes congestion.
    ECE = 1 << 2;
}

named! {
    /// What an ACK did, as `cong_control` is told: the kernel's `FLAG_*`, which are its own affair
    /// and may change (`net/ipv4/tcp_input.c`).
    AckFlags(i32);

    /// The packet had data.
    DATA = 0x01;
    /// It updated the window of the receiver.
    WIN_UPDATE = 0x02;
    /// It acknowledged new data.
    DATA_ACKED = 0x04;
    /// It acknowledged new data, some of which was retransmitted.
    RETRANS_DATA_ACKED = 0x08;
    /// It acknowledged the SYN.
    SYN_ACKED = 0x10;
    /// It SACKed new data.
    DATA_SACKED = 0x20;
    /// It echoed congestion.
    ECE = 0x40;
    /// It showed that a retransmission was lost.
    LOST_RETRANS = 0x80;
    /// Data that was never retransmitted was acknowledged or SACKed.
    ORIG_SACK_ACKED = 0x200;
    /// The first unacknowledged byte moved.
    SND_UNA_ADVANCED = 0x400;
    /// It reported duplicates (D-SACK).
    DSACKING_ACK = 0x800;
    /// It is probably a delayed ACK.
    ACK_MAYBE_DELAYED = 0x10000;
}

impl AckEventFlags {
    /// Whether all of `flags` are set.
    #[inline]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

impl AckFlags {
    /// Whether all of `flags` are set.
    #[inline]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}
