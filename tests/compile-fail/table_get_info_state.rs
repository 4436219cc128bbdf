// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: `get_info` that changes the state
// rustc: types differ in mutability
// c: compiles; races with every other callback, since it runs without the lock
// bpf: attach to unsupported member get_info

#![no_std]
#![forbid(unsafe_code)]

use tcp_cc::prelude::*;

state! {
    pub struct Memory {
        pub value: u32,
    }
}

pub struct Algorithm;

impl CongestionControl for Algorithm {
    type State = Memory;

    const OPS: Ops<Self> = Ops {
        name: "wrong",
        flags: Flags::NONE,
        control: Control::CongAvoid(reno::cong_avoid),
        ssthresh: reno::ssthresh,
        undo_cwnd: reno::undo_cwnd,
        optional: Optional {
            get_info: Some(get_info), //~ wrong
            ..Optional::NONE
        },
    };
}

#[cfg(right)]
fn get_info(_: &Sock<Unlocked>, _: &Memory) -> Info {
    Info::Vegas(Default::default())
}

#[cfg(not(right))]
fn get_info(_: &Sock<Unlocked>, memory: &mut Memory) -> Info {
    memory.value = 0;
    Info::Vegas(Default::default())
}
