// SPDX-License-Identifier: GPL-2.0-only

//! TCP congestion control in safe, portable Rust.
//!
//! An algorithm is a type that implements [`CongestionControl`]: it names its private state and its
//! table of callbacks, [`Ops`], the counterpart of `struct tcp_congestion_ops`. It sees a socket
//! through [`Sock`], time through [`Jiffies32`] and [`Micros64`], and nothing else; in particular
//! neither the `kernel` crate nor BPF. So one source file serves every target that the algorithm is
//! built for, and is `#![forbid(unsafe_code)]` in all of them.
//!
//! An algorithm must do the following:
//!
//! - Declare its state with [`state!`]. There is one per socket, in the socket. Any bytes must be a
//!   valid state: callbacks run before `init` (a SYN timeout calls `ssthresh`), on the state of
//!   whatever algorithm was there before, and on a bytewise copy of a listener's.
//! - Fill in [`Ops`]: `ssthresh` and `undo_cwnd` (Reno's are in [`reno`](parts::reno)), the window
//!   growth as [`Control`], and those [`Optional`] callbacks that it wants. One that is left out
//!   costs nothing: its member of the C table stays `NULL`.
//!
//! # Targets
//!
//! An algorithm is built three times, from the same file: into a kernel module, into a BPF program
//! and into a library for tests on the host. What differs is the crate `tcp_cc_backend` below this
//! one, which knows how a field of a socket is reached. Signatures do not show it.
//!
//! A module's file puts the algorithm into a kernel module or a BPF object with
//! [`module_tcp_congestion_ops!`].
//!
//! # Units
//!
//! Windows are [`Packets`], rates [`BytesPerSec`], time spans [`Usecs`] or [`Ticks`], instants
//! [`Micros64`], [`Micros32`] or [`Jiffies32`]. They do not mix, their arithmetic wraps and never
//! panics. What the kernel trusts has a type of its own that cannot hold a bad value: [`Cwnd`],
//! [`Ssthresh`], [`Acked`].
//!
//! # What is checked
//!
//! By the compiler: state, table, parameters and every access; each message says what to do. By the
//! build, on the finished object: that no panic can be reached, and that the stack is bounded. By
//! the BPF verifier, on the BPF form of the same source: that loops are.
//!
//! # Examples
//!
//! The whole of Reno:
//!
//! ```
//! use tcp_cc::prelude::*;
//!
//! pub struct MyReno;
//!
//! impl CongestionControl for MyReno {
//!     type State = ();
//!
//!     const OPS: Ops<Self> = Ops {
//!         name: "myreno",
//!         flags: Flags::NONE,
//!         control: Control::CongAvoid(cong_avoid),
//!         ssthresh: |sk, _| Ssthresh::clamped(sk.snd_cwnd() / 2),
//!         undo_cwnd: reno::undo_cwnd,
//!         optional: Optional::NONE,
//!     };
//! }
//!
//! fn cong_avoid(sk: &mut Sock, _: &mut (), _ack: SeqNo, mut acked: Acked) {
//!     if !sk.is_cwnd_limited() {
//!         return;
//!     }
//!     if sk.in_slow_start() {
//!         acked = sk.slow_start(acked);
//!         if acked.is_zero() {
//!             return;
//!         }
//!     }
//!     sk.cong_avoid_ai(sk.snd_cwnd(), acked);
//! }
//! ```
//!
//! C header: [`include/net/tcp.h`](srctree/include/net/tcp.h)

#![no_std]

mod field;
mod module;
mod ops;
mod random;
mod sample;
mod seq;
mod sock;
mod state;
mod time;
mod units;

pub mod callbacks;
pub mod context;
pub mod parts;

#[cfg(CONFIG_MODULES)]
pub mod kfunc;

pub use ferrops_core::{
    bit_fields,
    cold_call,
    div64_or,
    div_or,
    parameters,
    AnyBytes,
    BitField,
    LookupTable,
    ParamAccess,
    ParamKind,
    Parameter,
    Parameters,
    SmallArray,
    Wrapping32, //
};
pub use ops::{
    AckEventFlags,
    AckFlags,
    CaState,
    CongestionControl,
    Control,
    CwndEvent,
    Flags,
    Ops,
    Optional, //
};
pub use parts::plb::Plb;
pub use random::{
    random_below,
    random_u32, //
};
pub use sample::{
    AckSample,
    RateSample, //
};
pub use seq::SeqNo;
pub use sock::Sock;
pub use tcp_cc_backend::{
    BbrInfo,
    DctcpInfo,
    Info,
    Mib,
    VegasInfo, //
};
pub use time::{
    hz,
    jiffies_to_secs,
    jiffies_to_usecs,
    msecs_to_jiffies,
    usecs_to_jiffies,
    Jiffies32,
    Jiffies64,
    Micros32,
    Micros64,
    Nanos64,
    Timestamp, //
};
pub use units::{
    Acked,
    Bytes,
    Bytes64,
    BytesPerSec,
    Cwnd,
    Packets,
    Ssthresh,
    Ticks,
    TimestampTicks,
    Usecs,
    Usecs32,
    Usecs64, //
};

use tcp_cc_backend::{
    Interface,
    Target, //
};

/// What the macros' expansions need.
#[doc(hidden)]
pub mod __private {
    #[cfg(CONFIG_MODULES)]
    pub use ferrops_kfunc::{
        Description,
        __kfunc_description,
        __kfunc_rule,
        __kfuncs_constant,
        U8, //
    };

    pub use ferrops_core::{
        any_bytes,
        Implementation, //
    };
    pub use tcp_cc_backend::{
        raw_tcp_congestion_ops,
        sock_field,
        RawAckSample,
        RawEvent,
        RawRateSample,
        RawSock,
        SockField, //
    };
}

/// Bytes of private state that a socket has room for (`ICSK_CA_PRIV_SIZE`).
pub const CA_PRIV_SIZE: usize = Target::CA_PRIV_SIZE;

/// Longest name of an algorithm, in bytes, without the terminating NUL (`TCP_CA_NAME_MAX`).
pub const NAME_MAX: usize = Target::NAME_MAX;

/// Returns the room that the kernel keeps for headers in front of TCP's data (`MAX_TCP_HEADER`).
#[inline(always)]
pub fn max_tcp_header() -> Bytes {
    Bytes::new(Target::max_tcp_header())
}

/// Everything that an algorithm usually needs.
pub mod prelude {
    pub use crate::{
        bit_fields,
        cold_call,
        context::{
            Event,
            Init,
            Unlocked, //
        },
        div64_or,
        div_or,
        field,
        hz,
        parameters,
        parts::reno,
        state,
        AckEventFlags,
        AckFlags,
        AckSample,
        Acked,
        BitField,
        Bytes,
        Bytes64,
        BytesPerSec,
        CaState,
        CongestionControl,
        Control,
        Cwnd,
        CwndEvent,
        Flags,
        Info,
        Jiffies32,
        LookupTable,
        Micros32,
        Micros64,
        Nanos64,
        Ops,
        Optional,
        Packets,
        Parameters,
        Plb,
        RateSample,
        SeqNo,
        SmallArray,
        Sock,
        Ssthresh,
        Ticks,
        Usecs,
        Usecs32,
        Usecs64,
        Wrapping32, //
    };
}
