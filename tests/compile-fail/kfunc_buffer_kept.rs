// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a reference to a buffer that another processor may write
// rustc: no method named `as_slice` found
// c: compiles; the value changes between check and use
// no bpf: the memory is the program's own

use ferrops::kfunc::Mem;

ferrops::kfuncs! {
    pub KFUNCS;

    /// Whether the first two bytes are the same.
    #[kfunc(sched_cls)]
    pub fn wrong_pair(mem: Mem<'_>) -> bool {
        #[cfg(right)]
        let [first, second] = mem.read().unwrap_or_default();
        #[cfg(not(right))]
        let &[first, second, ..] = mem.as_slice() else { //~ error
            return false;
        };
        first == second
    }
}
