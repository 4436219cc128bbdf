// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a generic state, whose bytes are unchecked
// rustc: no rules expected `<`
// c: there are no generics
// no bpf: there are no generics

#[cfg(right)]
state! {
    pub struct Memory {
        pub value: u32,
    }
}

#[cfg(not(right))]
state! {
    pub struct Memory<T> { //~ error
        pub value: T,
    }
}

#[cfg(right)]
type State = Memory;
#[cfg(not(right))]
type State = Memory<u32>; //~ error
