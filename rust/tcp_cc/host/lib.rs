// SPDX-License-Identifier: GPL-2.0-only

//! Tests of an algorithm without a kernel, and without `unsafe`.
//!
//! A [`Connection`] is a socket that is a plain struct, and an algorithm on it. It calls the
//! algorithm as the kernel does: through the table of callbacks that the kernel would get. A test
//! either calls one callback, or has the connection do what the kernel does at an ACK, a loss or a
//! timeout. Time passes only when the test says so.
//!
//! [`check`] tries a property on many inputs and reports the simplest for which it fails;
//! [`fuzz_all_callbacks`] is the one property that every algorithm must have.
//!
//! # Examples
//!
//! ```
//! use tcp_cc::prelude::*;
//! use tcp_cc_host::Connection;
//!
//! /// Reno that gives up only a quarter of its window.
//! struct Gentle;
//!
//! impl CongestionControl for Gentle {
//!     type State = ();
//!
//!     const OPS: Ops<Self> = Ops {
//!         name: "gentle",
//!         flags: Flags::NONE,
//!         control: Control::CongAvoid(reno::cong_avoid),
//!         ssthresh: |sk, _| Ssthresh::clamped(sk.snd_cwnd() * 3 / 4),
//!         undo_cwnd: reno::undo_cwnd,
//!         optional: Optional::NONE,
//!     };
//! }
//!
//! let mut gentle = Connection::<Gentle>::new();
//! gentle.round_trip(100_000);
//! assert_eq!(gentle.sk.snd_cwnd, 20);
//!
//! gentle.loss();
//! assert_eq!(gentle.sk.snd_cwnd, 15);
//!
//! gentle.round_trip(100_000);
//! assert_eq!(gentle.sk.snd_cwnd, 16);
//! ```

mod connection;
mod fuzz;
mod property;

pub use connection::Connection;
pub use fuzz::fuzz_all_callbacks;
pub use property::{
    check,
    Any, //
};
pub use tcp_cc_backend::{
    RawAckSample,
    RawCcInfo,
    RawRateSample,
    RawSock, //
};
