// SPDX-License-Identifier: GPL-2.0-only

//! A module that calls kfuncs of other modules, for tests/kfunc: Reno with the window halved by a
//! way around, which shows its ACKs to HyStart, and what it got of them in its kfuncs.

use ferrops::kfunc::{
    Mem,
    MemMut, //
};
use tcp_cc::prelude::*;

mod parts {
    ferrops::import_kfuncs!(tcp_rparts);
}

mod kinds {
    ferrops::import_kfuncs!(tcp_rkinds);
}

state! {
    /// What is handed on.
    struct Memory {
        /// Of HyStart.
        hystart: [u8; 20],
    }
}

/// Reno through other modules.
struct Rimport;

impl CongestionControl for Rimport {
    type State = Memory;

    const OPS: Ops<Self> = Ops {
        name: "rimport",
        flags: Flags::NONE,
        control: Control::CongAvoid(|sk, memory: &mut Memory, ack, acked| {
            parts::rparts_hystart_update(sk, MemMut::new(&mut memory.hystart), 1000, 1000);
            reno::cong_avoid(sk, memory, ack, acked);
        }),
        ssthresh: |sk, memory: &mut Memory| {
            parts::rparts_hystart_begin_round(sk, MemMut::new(&mut memory.hystart));
            let cube = u64::from(sk.snd_cwnd().get() / 2).wrapping_pow(3);
            Ssthresh::clamped(Packets::new(parts::rparts_cubic_root(cube)))
        },
        undo_cwnd: reno::undo_cwnd,
        optional: Optional::NONE,
    };
}

ferrops::kfuncs! {
    KFUNCS;

    /// 0 if every kind of argument and result came through, or the number of what did not.
    #[kfunc(sched_cls)]
    pub fn rimport_kinds() -> u32 {
        let (mut to, from) = ([0; 8], [1, 2, 3, 4]);
        if kinds::rkinds_narrow(1, -1, 2, -2, true) != 0x0001_fffe_0002_ff01 {
            return 1;
        }
        if kinds::rkinds_negative(-3) != -3 || !kinds::rkinds_odd(5) || kinds::rkinds_odd(6) {
            return 2;
        }
        if kinds::rkinds_sum(Mem::new(&from)) != 10 {
            return 3;
        }
        if kinds::rkinds_copy(Mem::new(&from), MemMut::new(&mut to)) != 4 || to[3] != 4 {
            return 4;
        }
        if kinds::rkinds_acked(None) != -1 {
            return 5;
        }
        0
    }

    /// The number `a`, handed to another module so many times.
    #[kfunc(sched_cls)]
    pub fn rimport_same(a: u64, times: u32) -> u64 {
        (0..times).fold(a, |a, _| kinds::rkinds_same(a))
    }
}

ferrops::module_tcp_congestion_ops! {
    algorithm: Rimport,
    name: "tcp_rimport",
    authors: ["The ferrops authors"],
    description: "Reno by way of other modules' kfuncs",
    license: "GPL",
    kfuncs: KFUNCS,
}
