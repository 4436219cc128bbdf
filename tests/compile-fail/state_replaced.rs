// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: replacing the struct that `state!` has checked
// rustc: struct `Memory` does not have a field named `value`
// c: any struct is accepted
// no bpf: any struct is accepted; each access is checked

state! { //~ error
    #[cfg(right)]
    pub struct Memory {
        pub value: u32, //~ error
    }
}

#[cfg(not(right))]
#[derive(Clone, Copy)]
pub struct Memory {
    pub on: bool,
}
