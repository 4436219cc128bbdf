// SPDX-License-Identifier: GPL-2.0-only

//! The parts that algorithms share as kfuncs, for C and Rust modules and for BPF programs.
//!
//! The modules in `samples/` have the parts compiled in. The state of a part is a buffer of the
//! caller's here, zeroed at first; any bytes are valid.

use ferrops::kfunc::MemMut;
use tcp_cc::{
    parts::{
        cubic_root,
        ewma,
        hystart::{
            Config,
            HyStart,
            Rtt, //
        },
        minmax::MinMax, //
    },
    prelude::*, //
};

ferrops::kfuncs! {
    KFUNCS;

    /// Returns the cube root of `a`, off by at most 1 and 0.16 %.
    #[kfunc(tcp_congestion_ops, sched_ext_ops, syscall, sched_cls)]
    pub fn rparts_cubic_root(a: u64) -> u32 {
        cubic_root::cubic_root(a)
    }

    /// Returns the moving average `avg` after one more `sample` with the weight `1 / 2^shift`.
    #[kfunc(tcp_congestion_ops, sched_ext_ops, syscall, sched_cls)]
    pub fn rparts_ewma(avg: u32, sample: u32, shift: u32) -> u32 {
        ewma::ewma(avg, sample, shift)
    }

    /// Adds `meas` of the time `t` to a `struct minmax`, and returns the largest value since
    /// `t - win`.
    ///
    /// Returns `meas` if the buffer is too small.
    #[kfunc(tcp_congestion_ops, sched_ext_ops, syscall, sched_cls)]
    pub fn rparts_minmax_running_max(minmax: MemMut<'_>, win: u32, t: u32, meas: u32) -> u32 {
        minmax.update(|minmax: &mut MinMax| minmax.running_max(win, t, meas)).unwrap_or(meas)
    }

    /// Adds `meas` of the time `t` to a `struct minmax`, and returns the smallest value since
    /// `t - win`.
    ///
    /// Returns `meas` if the buffer is too small.
    #[kfunc(tcp_congestion_ops, sched_ext_ops, syscall, sched_cls)]
    pub fn rparts_minmax_running_min(minmax: MemMut<'_>, win: u32, t: u32, meas: u32) -> u32 {
        minmax.update(|minmax: &mut MinMax| minmax.running_min(win, t, meas)).unwrap_or(meas)
    }

    /// Begins a round of HyStart, whose 20 bytes are the caller's.
    #[kfunc(tcp_congestion_ops)]
    pub fn rparts_hystart_begin_round(sk: &mut Sock, hystart: MemMut<'_>) {
        let _ = hystart.update(|hystart: &mut HyStart| hystart.begin_round(sk));
    }

    /// Passes an ACK in slow start to HyStart: its RTT, and the shortest one of the connection, in
    /// microseconds.
    ///
    /// Returns why slow start should end: 1 for a train of ACKs, 2 for the delay, 3 for both; 0 if
    /// it should go on.
    #[kfunc(tcp_congestion_ops)]
    pub fn rparts_hystart_update(
        sk: &mut Sock,
        hystart: MemMut<'_>,
        rtt_us: u32,
        min_rtt_us: u32,
    ) -> u32 {
        let rtt = Rtt {
            latest: Usecs32::new(rtt_us),
            min: Usecs32::new(min_rtt_us),
        };
        let found = hystart.update(|hystart: &mut HyStart| {
            hystart.update(sk, &Config::DEFAULT, rtt)
        });
        found.map_or(0, |found| u32::from(found.by_ack_train) | u32::from(found.by_delay) << 1)
    }
}

ferrops::module_kfuncs! {
    kfuncs: KFUNCS,
    name: "tcp_rparts",
    authors: ["The ferrops authors"],
    description: "Parts of congestion controls: cube root, HyStart, windowed filters",
    license: "GPL",
}
