// SPDX-License-Identifier: GPL-2.0-only

//! Kfuncs that take and return one of everything, for tests/kfunc.

use ferrops::kfunc::{
    Mem,
    MemMut, //
};
use tcp_cc::prelude::*;

ferrops::kfuncs! {
    KFUNCS;

    /// The numbers as Rust sees them, each in bits of its own.
    #[kfunc(struct_ops, sched_cls)]
    pub fn rkinds_narrow(a: u8, b: i8, c: u16, d: i16, e: bool) -> u64 {
        u64::from(a) | u64::from(b as u8) << 8 | u64::from(c) << 16 | u64::from(d as u16) << 32
            | u64::from(e) << 48
    }

    /// The same of larger ones, added up.
    #[kfunc(sched_cls)]
    pub fn rkinds_wide(a: u32, b: i32, c: u64, d: i64) -> i64 {
        i64::from(a).wrapping_add(i64::from(b)).wrapping_add(c as i64).wrapping_add(d)
    }

    /// Results narrower than a register.
    #[kfunc(sched_cls)]
    pub fn rkinds_negative(a: i64) -> i8 {
        a as i8
    }

    /// Whether it is odd.
    #[kfunc(sched_cls)]
    pub fn rkinds_odd(a: u64) -> bool {
        a % 2 == 1
    }

    /// The other truth value.
    #[kfunc(sched_cls)]
    pub fn rkinds_not(a: bool) -> bool {
        !a
    }

    /// The greater one.
    #[kfunc(sched_cls)]
    pub fn rkinds_greater(a: u8, b: u8) -> u8 {
        a.max(b)
    }

    /// 1, 0 or -1.
    #[kfunc(sched_cls)]
    pub fn rkinds_sign(a: i16) -> i16 {
        a.signum()
    }

    /// The sum of the first 16 bytes.
    #[kfunc(sched_cls)]
    pub fn rkinds_sum(mem: Mem<'_>) -> u32 {
        let mut bytes = [0; 16];
        mem.copy_to(&mut bytes);
        bytes.iter().fold(0, |sum: u32, byte| sum.wrapping_add((*byte).into()))
    }

    /// Copies the first bytes, 16 at most; says how many.
    #[kfunc(sched_cls)]
    pub fn rkinds_copy(from: Mem<'_>, to: MemMut<'_>) -> u32 {
        let mut bytes = [0; 16];
        let len = from.copy_to(&mut bytes);
        match bytes.get(..len) {
            Some(bytes) => to.copy_from(bytes) as u32,
            None => 0,
        }
    }

    /// Packets in a sample, or -1 if there is none.
    #[kfunc(tcp_congestion_ops)]
    pub fn rkinds_acked(sample: Option<&AckSample>) -> i64 {
        sample.map_or(-1, |sample| sample.pkts_acked().get().into())
    }

    /// What a sample says of itself, in a bit each.
    #[kfunc(tcp_congestion_ops)]
    pub fn rkinds_flags(rs: &RateSample) -> u64 {
        rs.is_app_limited() as u64 | (rs.is_retrans() as u64) << 1
            | (rs.is_ack_delayed() as u64) << 2
    }

    /// The socket, if its window is larger than 10 packets.
    #[kfunc(tcp_congestion_ops)]
    pub fn rkinds_large(sk: &Sock<Unlocked>) -> Option<&Sock<Unlocked>> {
        (sk.snd_cwnd().get() > 10).then_some(sk)
    }

    /// What it was given.
    #[kfunc(struct_ops, sched_cls)]
    pub fn rkinds_same(a: u64) -> u64 {
        a
    }

    /// For schedulers.
    #[kfunc(sched_ext_ops)]
    pub fn rkinds_of_scheduler(a: u64) -> u64 {
        a
    }

    /// Not without privileges of its own.
    #[kfunc(sched_cls, syscall; KF_SLEEPABLE | KF_DESTRUCTIVE)]
    pub fn rkinds_destructive() {}
}

ferrops::module_kfuncs! {
    kfuncs: KFUNCS,
    name: "tcp_rkinds",
    authors: ["The ferrops authors"],
    description: "Kfuncs of all kinds, for tests",
    license: "GPL",
}
