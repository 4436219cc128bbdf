// SPDX-License-Identifier: GPL-2.0-only

//! TCP congestion control in safe, portable Rust.
//!
//! An algorithm is a type that implements [`CongestionControl`]: it names its private state and its
//! table of callbacks, [`Ops`], the twin of `struct tcp_congestion_ops`. It sees a socket through
//! [`Sock`], time through [`Jiffies32`] and [`Micros32`], and nothing else; in particular neither
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
//!         control: Control::Classic(cong_avoid),
//!         ssthresh: |sk, _| Ssthresh::new(sk.snd_cwnd() / 2),
//!         undo_cwnd: |sk, _| sk.snd_cwnd().max(sk.prior_cwnd()),
//!         hooks: Hooks::NONE,
//!     };
//! }
//!
//! fn cong_avoid(sk: &mut Sock<'_>, _: &mut (), _ack: SeqNo, mut acked: u32) {
//!     if !sk.is_cwnd_limited() {
//!         return;
//!     }
//!     if sk.in_slow_start() {
//!         acked = sk.slow_start(acked);
//!         if acked == 0 {
//!             return;
//!         }
//!     }
//!     sk.cong_avoid_ai(sk.snd_cwnd(), acked);
//! }
//! ```
//!
//! C header: [`include/net/tcp.h`](srctree/include/net/tcp.h)

#![no_std]

mod ops;
mod sample;
mod sock;
mod state;
mod time;

pub mod reno;

pub use ops::{
    CaState,
    CongestionControl,
    Control,
    Hooks,
    Ops,
    Ssthresh, //
};
pub use sample::AckSample;
pub use sock::{
    Mib,
    SeqNo,
    Sock, //
};
pub use state::State;
pub use tcp_cc_backend::{
    CA_PRIV_SIZE,
    HZ,
    NAME_MAX, //
};
pub use time::{
    usecs_to_jiffies,
    Jiffies32,
    Micros32,
    USEC_PER_MSEC,
    USEC_PER_SEC, //
};

/// Everything that an algorithm usually needs.
pub mod prelude {
    pub use crate::{
        reno,
        state,
        AckSample,
        CaState,
        CongestionControl,
        Control,
        Hooks,
        Jiffies32,
        Micros32,
        Ops,
        SeqNo,
        Sock,
        Ssthresh, //
    };
}
