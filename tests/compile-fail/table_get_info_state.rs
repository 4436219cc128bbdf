// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: `get_info` that changes the state
// rustc: types differ in mutability
// c: compiles; races with every other callback, since it runs without the lock
// bpf: attach to unsupported member get_info

state! {
    pub struct Memory {
        pub value: u32,
    }
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
