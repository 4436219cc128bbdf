// SPDX-License-Identifier: GPL-2.0-only

//! TCP congestion control in safe, portable Rust.
//!
//! An algorithm is a type that implements [`CongestionControl`]: it names its private state and its
//! table of callbacks, [`Ops`], the twin of `struct tcp_congestion_ops`. It sees a socket through
//! [`Sock`], time through [`Jiffies32`] and [`Micros64`], and nothing else; in particular neither
//! the `kernel` crate nor BPF. So one source file serves every world that the algorithm is built
//! for, and is `#![forbid(unsafe_code)]` in all of them.
//!
//! An algorithm must do the following:
//!
//! - Declare its state with [`state!`]. There is one per socket, in the socket. Any bytes must be a
//!   valid state: callbacks run before `init` (a SYN timeout calls `ssthresh`), on the state of
//!   whatever algorithm was there before, and on a bytewise copy of a listener's.
//! - Fill in [`Ops`]: `ssthresh` and `undo_cwnd` (Reno's are in [`reno`]), the window growth as
//!   [`Control`], and those of [`Hooks`] that it wants. A hook that is left out costs nothing: its
//!   member of the C table stays `NULL`.
//!
//! # Worlds
//!
//! An algorithm is built three times, from the same file: into a kernel module, into a BPF program
//! and into a library for tests on the host. What differs is the crate `tcp_cc_backend` below this
//! one, which knows how a field of a socket is reached. Signatures do not show it.
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
//!         hooks: Hooks::NONE,
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

mod bits;
mod info;
mod math;
mod opaque;
mod ops;
mod parameters;
mod plb;
mod sample;
mod seq;
mod sock;
mod state;
mod time;
mod units;

pub mod callbacks;
pub mod context;
pub mod cubic_root;
pub mod ewma;
pub mod hystart;
pub mod minmax;
pub mod reno;

pub use bits::BitField;
pub use info::{
    BbrInfo,
    DctcpInfo,
    Info,
    VegasInfo, //
};
pub use math::{
    cold_call,
    div64_or,
    div_or,
    random_below,
    LookupTable,
    SmallArray, //
};
pub use ops::{
    AckEventFlags,
    AckFlags,
    CaState,
    CongestionControl,
    Control,
    CwndEvent,
    Flags,
    Hooks,
    Ops, //
};
pub use parameters::{
    Derived,
    Kind,
    Parameter,
    Parameters,
    Value,
    __Unbounded,
    __c_name, //
};
pub use plb::Plb;
pub use sample::{
    AckSample,
    RateSample, //
};
pub use seq::SeqNo;
pub use sock::{
    Mib,
    Sock, //
};
pub use state::State;
pub use tcp_cc_backend::{
    CA_PRIV_SIZE,
    NAME_MAX, //
};
pub use time::{
    hz,
    jiffies_to_secs,
    usecs_to_jiffies,
    Jiffies32,
    Micros32,
    Micros64, //
};
pub use units::{
    Acked,
    Bytes,
    BytesPerSec,
    Cwnd,
    Packets,
    Ssthresh,
    Ticks,
    Usecs, //
};

/// What the macros' expansions need.
#[doc(hidden)]
pub mod __private {
    pub use tcp_cc_backend::{
        AtomicU32,
        AtomicU64, //
    };
}

/// Room that the kernel keeps for headers in front of TCP's data, in bytes (`MAX_TCP_HEADER`).
#[inline(always)]
pub fn max_tcp_header() -> u32 {
    tcp_cc_backend::max_tcp_header()
}

/// Everything that an algorithm usually needs.
pub mod prelude {
    pub use crate::{
        bit_fields,
        context::{
            Event,
            Init,
            Unlocked, //
        },
        parameters,
        reno,
        state,
        AckEventFlags,
        AckFlags,
        AckSample,
        Acked,
        Bytes,
        BytesPerSec,
        CaState,
        CongestionControl,
        Control,
        Cwnd,
        CwndEvent,
        Flags,
        Hooks,
        Info,
        Jiffies32,
        Micros32,
        Micros64,
        Ops,
        Packets,
        RateSample,
        SeqNo,
        Sock,
        Ssthresh,
        Ticks,
        Usecs, //
    };
}
