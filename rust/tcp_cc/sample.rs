// SPDX-License-Identifier: GPL-2.0-only

//! What an ACK measured.

use crate::{
    Acked,
    Micros64,
    Packets,
    SeqNo,
    Usecs, //
};
use core::{
    marker::PhantomData,
    num::NonZeroU64, //
};
use tcp_cc_backend as backend;

/// Generates the wrapper of a sample.
macro_rules! sample {
    ($(#[$doc:meta])* $name:ident($raw:ident)) => {
        $(#[$doc])*
        ///
        /// # Invariants
        ///
        /// `raw` is valid for reads for `'a`. It need not be aligned.
        pub struct $name<'a> {
            raw: *const backend::$raw,
            _borrow: PhantomData<&'a backend::$raw>,
        }

        impl $name<'_> {
            /// The sample itself.
            #[inline]
            pub fn as_raw(&self) -> *const backend::$raw {
                self.raw
            }

            /// Wraps a sample.
            ///
            /// # Safety
            ///
            /// `raw` must be valid for reads, aligned or not, while the returned value is in use.
            #[inline]
            pub unsafe fn from_raw(raw: *const backend::$raw) -> Self {
                // INVARIANT: By the safety requirements.
                Self {
                    raw,
                    _borrow: PhantomData,
                }
            }
        }
    };
}

sample! {
    /// What an acknowledgement measured: `struct ack_sample`.
    AckSample(RawAckSample)
}

impl AckSample<'_> {
    /// The round trip time, if this ACK gave one: never negative.
    #[inline]
    pub fn rtt(&self) -> Option<Usecs> {
        // SAFETY: Valid by the type invariants.
        let rtt_us = unsafe { backend::ack_rtt_us(self.raw) };
        (rtt_us >= 0).then_some(Usecs::new(rtt_us))
    }

    /// How many packets were acknowledged.
    #[inline]
    pub fn pkts_acked(&self) -> Packets {
        // SAFETY: Valid by the type invariants.
        Packets::new(unsafe { backend::ack_pkts_acked(self.raw) })
    }

    /// How many packets were in flight when the acknowledged ones were sent.
    #[inline]
    pub fn in_flight(&self) -> Packets {
        // SAFETY: Valid by the type invariants.
        Packets::new(unsafe { backend::ack_in_flight(self.raw) })
    }
}

sample! {
    /// How fast packets were delivered: `struct rate_sample`.
    ///
    /// The kernel measures it on every ACK, after Cheng and others, "Delivery Rate Estimation",
    /// [draft-ietf-ccwg-bbr](https://datatracker.ietf.org/doc/draft-ietf-ccwg-bbr/), section 4.1.
    RateSample(RawRateSample)
}

impl RateSample<'_> {
    /// Packets delivered in the interval, at most 2^31 - 1; `None` if there is no saying.
    ///
    /// They are a rate only together with [`interval_us`](Self::interval_us): the kernel leaves
    /// that out where it is shorter than the shortest RTT.
    #[inline]
    pub fn delivered(&self) -> Option<Packets> {
        // SAFETY: Valid by the type invariants.
        let delivered = unsafe { backend::rate_delivered(self.raw) };
        (delivered >= 0).then_some(Packets::new(delivered as u32))
    }

    /// How long the interval is, in microseconds; `None` if there is no saying, or if it has no
    /// length. To divide by it is to divide without a panic.
    #[inline]
    pub fn interval_us(&self) -> Option<NonZeroU64> {
        // SAFETY: Valid by the type invariants.
        let interval_us = unsafe { backend::rate_interval_us(self.raw) };
        NonZeroU64::new(interval_us.max(0) as u64)
    }

    /// Those of the delivered packets that came with an ECN mark; none if there is no saying.
    #[inline]
    pub fn delivered_ce(&self) -> Packets {
        // SAFETY: Valid by the type invariants.
        Packets::new(unsafe { backend::rate_delivered_ce(self.raw) }.max(0) as u32)
    }

    /// When the interval began; `None` if no packet was delivered.
    #[inline]
    pub fn prior_mstamp(&self) -> Option<Micros64> {
        // SAFETY: Valid by the type invariants.
        let mstamp = unsafe { backend::rate_prior_mstamp(self.raw) };
        (mstamp != 0).then_some(Micros64::new(mstamp))
    }

    /// The socket's [`delivered`](crate::Sock::delivered) when the interval began.
    #[inline]
    pub fn prior_delivered(&self) -> Packets {
        // SAFETY: Valid by the type invariants.
        Packets::new(unsafe { backend::rate_prior_delivered(self.raw) })
    }

    /// The socket's [`delivered_ce`](crate::Sock::delivered_ce) when the interval began.
    #[inline]
    pub fn prior_delivered_ce(&self) -> Packets {
        // SAFETY: Valid by the type invariants.
        Packets::new(unsafe { backend::rate_prior_delivered_ce(self.raw) })
    }

    /// How long it took to send the packets, in microseconds.
    #[inline]
    pub fn snd_interval_us(&self) -> u32 {
        // SAFETY: Valid by the type invariants.
        unsafe { backend::rate_snd_interval_us(self.raw) }
    }

    /// How long it took their ACKs to arrive, in microseconds.
    #[inline]
    pub fn rcv_interval_us(&self) -> u32 {
        // SAFETY: Valid by the type invariants.
        unsafe { backend::rate_rcv_interval_us(self.raw) }
    }

    /// The RTT of the packet acknowledged last in microseconds, if there is one.
    #[inline]
    pub fn rtt_us(&self) -> Option<u64> {
        // SAFETY: Valid by the type invariants.
        let rtt_us = unsafe { backend::rate_rtt_us(self.raw) };
        (rtt_us >= 0).then_some(rtt_us as u64)
    }

    /// How many packets this ACK marked lost. It is an `int` in C, which is taken as it is.
    #[inline]
    pub fn losses(&self) -> Packets {
        // SAFETY: Valid by the type invariants.
        Packets::new(unsafe { backend::rate_losses(self.raw) } as u32)
    }

    /// How many packets this ACK newly acknowledged or SACKed.
    #[inline]
    pub fn acked_sacked(&self) -> Acked {
        // SAFETY: Valid by the type invariants.
        let packets = unsafe { backend::rate_acked_sacked(self.raw) };
        // A BPF program may hand a kfunc a sample with anything in it.
        Acked::of_kernel(packets.min(Acked::MAX))
    }

    /// How many packets were in flight before this ACK.
    #[inline]
    pub fn prior_in_flight(&self) -> Packets {
        // SAFETY: Valid by the type invariants.
        Packets::new(unsafe { backend::rate_prior_in_flight(self.raw) })
    }

    /// Where the packet acknowledged last ends.
    #[inline]
    pub fn last_end_seq(&self) -> SeqNo {
        // SAFETY: Valid by the type invariants.
        SeqNo::new(unsafe { backend::rate_last_end_seq(self.raw) })
    }

    /// Whether the application, not the network, limited the sender meanwhile.
    #[inline]
    pub fn is_app_limited(&self) -> bool {
        // SAFETY: Valid by the type invariants.
        unsafe { backend::rate_is_app_limited(self.raw) }
    }

    /// Whether the sample comes from a retransmission.
    #[inline]
    pub fn is_retrans(&self) -> bool {
        // SAFETY: Valid by the type invariants.
        unsafe { backend::rate_is_retrans(self.raw) }
    }

    /// Whether this is probably a delayed ACK.
    #[inline]
    pub fn is_ack_delayed(&self) -> bool {
        // SAFETY: Valid by the type invariants.
        unsafe { backend::rate_is_ack_delayed(self.raw) }
    }
}
