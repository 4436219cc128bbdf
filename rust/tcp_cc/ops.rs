// SPDX-License-Identifier: GPL-2.0-only

//! The table of callbacks.

use crate::{
    context::{
        Event,
        Init,
        Unlocked, //
    },
    units::from_kernel,
    AckSample,
    Acked,
    AnyBytes,
    BitField,
    Cwnd,
    Info,
    Packets,
    Parameters,
    RateSample,
    SeqNo,
    Sock,
    Ssthresh, //
};

/// A congestion control algorithm.
///
/// The type itself is never made; it names the state and the table.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a congestion control algorithm",
    note = "implement `tcp_cc::CongestionControl` for it: a `State` and its `OPS`"
)]
pub trait CongestionControl: Sized + 'static {
    /// What the algorithm keeps for each socket, in `icsk_ca_priv`; `()` for nothing.
    type State: AnyBytes;

    /// The table.
    const OPS: Ops<Self>;

    /// The parameters, declared with [`parameters!`](crate::parameters); by default there are none.
    const PARAMETERS: Parameters = Parameters::NONE;
}

/// The type of an algorithm's callback, by the context of its socket: most get the state beside it;
/// from a context that may call back into the algorithm it is borrowed.
macro_rules! callback {
    (Locked, $algorithm:ident, ($($arg:ident: $ty:ty),*) $(-> $ret:ty)?) => {
        fn(&mut Sock, &mut $algorithm::State $(, $arg: $ty)*) $(-> $ret)?
    };
    ($context:ident, $algorithm:ident, ($($arg:ident: $ty:ty),*) $(-> $ret:ty)?) => {
        fn(&mut Sock<$context<$algorithm::State>> $(, $arg: $ty)*) $(-> $ret)?
    };
}

/// Generates the types of an algorithm's table.
macro_rules! ops {
    (
        required {
            $($(#[$r_doc:meta])* $r_ctx:ident $required:ident() -> $r_raw:ty as $r_ty:ty;)*
        }
        control { $(
            $(#[$c_doc:meta])*
            $variant:ident: $c_ctx:ident
                $control:ident($($c_arg:ident: $c_raw:ty as $c_ty:ty),* $(,)?);
        )* }
        optional { $(
            $(#[$o_doc:meta])*
            $o_ctx:ident $optional:ident($($o_arg:ident: $o_raw:ty as $o_ty:ty),*)
                $(-> $o_ret_raw:ty as $o_ret:ty [$o_range:expr])?;
        )* }
        get_info { $(#[$g_doc:meta])* Unlocked $get_info:ident $($g_prototype:tt)* }
    ) => {
        /// `struct tcp_congestion_ops`.
        ///
        /// A callback gets the socket, which it owns while it runs, and the state; one that may
        /// call back into the algorithm borrows the state from the socket
        /// ([`context`](crate::context)). Callbacks run in softirq or in process context with the
        /// socket's lock held: none may sleep.
        pub struct Ops<A: CongestionControl> {
            /// The name under which `sysctl`, `setsockopt` and `ip route` know the algorithm: at
            /// most [`NAME_MAX`](crate::NAME_MAX) bytes of ASCII letters, digits, `_` and `-`.
            ///
            /// The kernel loads the module `tcp_<name>` when somebody asks for an unknown name.
            pub name: &'static str,

            /// Requests of the algorithm to the kernel.
            pub flags: Flags,

            /// How the window grows.
            pub control: Control<A>,

            $($(#[$r_doc])* pub $required: callback!($r_ctx, A, () -> $r_ty),)*

            /// The callbacks that an algorithm may leave out.
            pub optional: Optional<A>,
        }

        /// The two families of algorithms. One is chosen; there is no way to choose both, or
        /// neither.
        pub enum Control<A: CongestionControl> {
            $($(#[$c_doc])* $variant(callback!($c_ctx, A, ($($c_arg: $c_ty),*))),)*
        }

        /// The callbacks that an algorithm may leave out.
        ///
        /// Start from [`Optional::NONE`]: `Optional { init: Some(init), ..Optional::NONE }`. A
        /// callback that is left out is `NULL` in the table.
        pub struct Optional<A: CongestionControl> {
            $(
                $(#[$o_doc])*
                pub $optional: Option<callback!($o_ctx, A, ($($o_arg: $o_ty),*) $(-> $o_ret)?)>,
            )*
            $(#[$g_doc])*
            pub $get_info: Option<fn(&Sock<Unlocked>, &A::State) -> Info>,
        }

        impl<A: CongestionControl> Optional<A> {
            /// No optional callback at all.
            pub const NONE: Self = Self {
                $($optional: None,)*
                $get_info: None,
            };
        }
    };
}

tcp_cc_backend::tcp_congestion_ops!(ops);

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
    pub const fn union(self, others: Self) -> Self {
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
    ///
    /// The worse the state, the greater it is: from [`RECOVERY`](Self::RECOVERY) on packets were
    /// lost.
    #[derive(PartialOrd, Ord)]
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
    /// What an ACK did, as `cong_control` gets it: the kernel's `FLAG_*`, which are its own affair
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

impl BitField for CaState {
    #[inline(always)]
    fn from_bits(bits: u32) -> Self {
        Self(bits as u8)
    }

    #[inline(always)]
    fn into_bits(self) -> u32 {
        self.0.into()
    }
}

from_kernel! {
    AckEventFlags: u32 = Self;
    AckFlags: i32 = Self;
    CaState: u8 = Self;
    CwndEvent: tcp_cc_backend::RawEvent = Self::from_event;
}

impl CwndEvent {
    /// The event that the kernel passes.
    #[inline(always)]
    const fn from_event(event: tcp_cc_backend::RawEvent) -> Self {
        Self(event.0)
    }
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
