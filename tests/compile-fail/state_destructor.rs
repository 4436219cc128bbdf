// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a state with a destructor
// rustc: the trait `Copy` cannot be implemented for this type; the type has a destructor
// c: there are no destructors; `release` does not run if `init` did not
// no bpf: there are no destructors

state! {
    pub struct Memory { //~ error
        pub value: u32,
    }
}

#[cfg(not(right))]
impl Drop for Memory {
    fn drop(&mut self) {}
}
