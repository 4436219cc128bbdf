// SPDX-License-Identifier: GPL-2.0-only

//! What an ACK measured.

use core::marker::PhantomData;
use tcp_cc_backend as backend;

/// What an acknowledgement measured: `struct ack_sample`.
///
/// # Invariants
///
/// `raw` is valid for reads for `'a`.
pub struct AckSample<'a> {
    raw: *const backend::RawAckSample,
    _borrow: PhantomData<&'a backend::RawAckSample>,
}

impl AckSample<'_> {
    /// Wraps a sample.
    ///
    /// # Safety
    ///
    /// `raw` must be valid for reads while the returned value is in use.
    #[inline]
    pub unsafe fn from_raw(raw: *const backend::RawAckSample) -> Self {
        // INVARIANT: By the safety requirements.
        Self {
            raw,
            _borrow: PhantomData,
        }
    }

    /// The round trip time in microseconds, if this ACK gave one.
    #[inline]
    pub fn rtt_us(&self) -> Option<u32> {
        // SAFETY: Valid by the type invariants.
        u32::try_from(unsafe { backend::sample_rtt_us(self.raw) }).ok()
    }

    /// How many packets were acknowledged.
    #[inline]
    pub fn pkts_acked(&self) -> u32 {
        // SAFETY: Valid by the type invariants.
        unsafe { backend::sample_pkts_acked(self.raw) }
    }
}
