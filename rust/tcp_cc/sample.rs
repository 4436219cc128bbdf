// SPDX-License-Identifier: GPL-2.0-only

//! What an ACK measured.

use crate::{
    units::FromKernel,
    Acked,
    Bytes,
    Micros64,
    Packets,
    SeqNo,
    Usecs,
    Usecs64, //
};
use ferrops_core::Opaque;
use tcp_cc_backend as backend;

/// Generates a sample, and the getters of the members that are listed with a quantity.
macro_rules! sample {
    ($(#[$doc:meta])* $name:ident($raw:ident); $(
        $(#[$get_doc:meta])*
        $get:ident: $ty:ident $(as $quantity:ty)? = $member:ident;
    )*) => {
        $(#[$doc])*
        ///
        /// It is only ever seen behind a reference, and is the kernel's sample itself. It need not
        /// be aligned, and its bytes may change: a BPF program may pass any memory to a kfunc.
        ///
        /// # Invariants
        ///
        /// A reference is to memory that is valid for reads.
        #[repr(C, packed)]
        pub struct $name {
            raw: Opaque<backend::$raw>,
        }

        impl $name {
            /// The sample itself.
            #[inline(always)]
            pub fn as_raw(&self) -> *const backend::$raw {
                Opaque::raw_get(&raw const self.raw)
            }

            /// The sample that the kernel passes.
            ///
            /// # Safety
            ///
            /// For `'a`, `raw` must be valid for reads, aligned or not.
            #[inline(always)]
            pub unsafe fn from_raw<'a>(raw: *const backend::$raw) -> &'a Self {
                // INVARIANT: By the safety requirements.
                // SAFETY: A packed struct needs no alignment, and a reference to this one asks
                // nothing of the bytes.
                unsafe { &*raw.cast() }
            }

            $(sample! { @get $(#[$get_doc])* $get $(as $quantity)? = $member })*
        }
    };
    (@get $(#[$doc:meta])* $get:ident as $quantity:ty = $member:ident) => {
        $(#[$doc])*
        #[inline]
        pub fn $member(&self) -> $quantity {
            // SAFETY: Valid for reads by the type invariants (contract 3).
            FromKernel::from_kernel(unsafe { backend::$get(self.as_raw()) })
        }
    };
    (@get $($for_methods:tt)*) => {};
}

/// Generates [`AckSample`].
macro_rules! ack_sample {
    ($($fields:tt)*) => { sample! {
        /// The measurements of an acknowledgement: `struct ack_sample`.
        AckSample(RawAckSample);
        $($fields)*
    } };
}
backend::ack_sample_fields!(ack_sample);

/// Generates [`RateSample`].
macro_rules! rate_sample {
    ($($fields:tt)*) => { sample! {
        /// How fast packets were delivered: `struct rate_sample`.
        ///
        /// The kernel measures it on every ACK, after Cheng and others, "Delivery Rate Estimation",
        /// [draft-ietf-ccwg-bbr](https://datatracker.ietf.org/doc/draft-ietf-ccwg-bbr/),
        /// section 4.1.
        RateSample(RawRateSample);
        $($fields)*
    } };
}
backend::rate_sample_fields!(rate_sample);

impl AckSample {
    /// The round trip time, if this ACK gave one: never negative.
    #[inline]
    pub fn rtt(&self) -> Option<Usecs> {
        // SAFETY: Valid for reads by the type invariants (contract 3).
        let rtt_us = unsafe { backend::ack_rtt_us(self.as_raw()) };
        (rtt_us >= 0).then_some(Usecs::new(rtt_us))
    }
}

impl RateSample {
    /// Packets delivered in the interval, at most 2^31 - 1; `None` if that is unknown.
    ///
    /// They are a rate only together with [`interval`](Self::interval): the kernel leaves
    /// that out where it is shorter than the shortest RTT.
    #[inline]
    pub fn delivered(&self) -> Option<Packets> {
        // SAFETY: Valid for reads by the type invariants (contract 3).
        let delivered = unsafe { backend::rate_delivered(self.as_raw()) };
        (delivered >= 0).then_some(Packets::new(delivered as u32))
    }

    /// Returns how long the interval is; `None` if that is unknown, or if it has no length.
    #[inline]
    pub fn interval(&self) -> Option<Usecs64> {
        // SAFETY: Valid for reads by the type invariants (contract 3).
        let interval_us = unsafe { backend::rate_interval_us(self.as_raw()) };
        (interval_us > 0).then_some(Usecs64::new(interval_us as u64))
    }

    /// Those of the delivered packets that came with an ECN mark; none if that is unknown.
    #[inline]
    pub fn delivered_ce(&self) -> Packets {
        // SAFETY: Valid for reads by the type invariants (contract 3).
        Packets::new(unsafe { backend::rate_delivered_ce(self.as_raw()) }.max(0) as u32)
    }

    /// When the interval began; `None` if no packet was delivered.
    #[inline]
    pub fn prior_mstamp(&self) -> Option<Micros64> {
        // SAFETY: Valid for reads by the type invariants (contract 3).
        let mstamp = unsafe { backend::rate_prior_mstamp(self.as_raw()) };
        (mstamp != 0).then_some(Micros64::new(mstamp))
    }

    /// Returns the RTT of the packet acknowledged last, if there is one.
    #[inline]
    pub fn rtt(&self) -> Option<Usecs64> {
        // SAFETY: Valid for reads by the type invariants (contract 3).
        let rtt_us = unsafe { backend::rate_rtt_us(self.as_raw()) };
        (rtt_us >= 0).then_some(Usecs64::new(rtt_us as u64))
    }

    /// How many packets this ACK marked lost. It is an `int` in C, which is taken as it is.
    #[inline]
    pub fn losses(&self) -> Packets {
        // SAFETY: Valid for reads by the type invariants (contract 3).
        Packets::new(unsafe { backend::rate_losses(self.as_raw()) } as u32)
    }

    /// How many packets this ACK newly acknowledged or SACKed.
    #[inline]
    pub fn acked_sacked(&self) -> Acked {
        // SAFETY: Valid for reads by the type invariants (contract 3).
        let packets = unsafe { backend::rate_acked_sacked(self.as_raw()) };
        // A BPF program may hand a kfunc a sample with anything in it.
        Acked::from_kernel(packets.min(Acked::MAX))
    }
}
