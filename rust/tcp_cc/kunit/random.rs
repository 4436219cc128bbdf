// SPDX-License-Identifier: GPL-2.0-only

//! Repeatable noise.

use super::Fields;
use tcp_cc::{
    Jiffies32,
    CA_PRIV_SIZE, //
};

/// A repeatable sequence of numbers: Marsaglia's xorshift64, its upper half.
pub struct Random(u64);

impl Random {
    /// The sequence of `seed`, which is not 0.
    #[inline]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    #[inline]
    pub fn any(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u32
    }

    /// Any number of 64 bits.
    #[inline]
    pub fn any64(&mut self) -> u64 {
        u64::from(self.any()) << 32 | u64::from(self.any())
    }

    /// A number less than `bound`, which is not 0.
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        self.any() % bound
    }

    /// A number with at most `bits` bits (at most 32): small ones are as likely as large ones.
    #[inline]
    pub fn sized(&mut self, bits: u32) -> u32 {
        let unused = 32 - self.below(bits + 1);
        self.any().checked_shr(unused).unwrap_or(0)
    }

    /// The bytes of a state.
    #[inline]
    pub fn state_bytes(&mut self) -> [u8; CA_PRIV_SIZE] {
        core::array::from_fn(|_| self.any() as u8)
    }

    /// What a socket may look like: a window of 1 to 2^30 packets, all else of any size. It is
    /// closed.
    #[inline]
    pub fn fields(&mut self) -> Fields {
        Fields {
            snd_cwnd: self.sized(30).max(1),
            snd_cwnd_cnt: self.sized(32),
            snd_cwnd_clamp: match self.below(4) {
                0 => self.sized(31).max(1),
                _ => u32::MAX,
            },
            snd_ssthresh: match self.below(4) {
                0 => i32::MAX as u32,
                _ => self.sized(31).max(2),
            },
            prior_cwnd: self.sized(31),
            prior_ssthresh: self.sized(31),
            max_packets_out: self.sized(32),
            packets_out: self.sized(20),
            retrans_out: self.sized(20),
            sacked_out: self.sized(20),
            lost_out: self.sized(20),
            lsndtime: Jiffies32::now().since(Jiffies32::new(self.sized(32))).get() as u32,
            tcp_mstamp: u64::from(self.any()) << 8 | u64::from(self.any()),
            srtt_us: self.sized(32),
            min_rtt_us: match self.below(8) {
                0 => u32::MAX,
                _ => self.sized(24),
            },
            mss_cache: self.sized(16),
            sk_pacing_rate: match self.below(4) {
                0 => u64::MAX,
                _ => self.sized(32).into(),
            },
            sk_max_pacing_rate: match self.below(4) {
                0 => self.sized(32).into(),
                _ => u64::MAX,
            },
            sk_pacing_status: self.below(3),
            sk_pacing_shift: self.below(64) as u8,
            sk_gso_max_size: self.sized(20),
            sk_state: Fields::CLOSED.sk_state,
            ca_state: self.below(5) as u8,
            is_cwnd_limited: self.below(4) != 0,
            ..Fields::any(self)
        }
    }
}
