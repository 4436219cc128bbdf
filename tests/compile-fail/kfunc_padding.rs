// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a type with padding, copied to a program's memory
// rustc: padding would be copied to the program
// c: compiles; the program reads old contents of the kernel's stack
// no bpf: the verifier lets a program read its own stack only where it has written

use ferrops::kfunc::MemMut;

#[cfg(right)]
state! {
    /// Counts.
    pub struct Counts {
        /// Of calls.
        pub calls: u32,
        /// Nothing.
        pub unused: u32,
        /// The sum of what was passed.
        pub sum: u64,
    }
}

#[cfg(not(right))]
state! {
    /// Counts; before the sum there are four bytes that belong to no field.
    pub struct Counts {
        /// Of calls.
        pub calls: u32,
        /// The sum of what was passed.
        pub sum: u64,
    }
}

ferrops::kfuncs! {
    pub KFUNCS;

    /// Adds it up.
    #[kfunc(sched_cls)]
    pub fn wrong_count(counts: MemMut<'_>, value: u64) {
        let _ = counts.update(|counts: &mut Counts| { //~ error
            counts.calls = counts.calls.wrapping_add(1);
            counts.sum = counts.sum.wrapping_add(value);
        });
    }
}
