// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a buffer by a name that hides that it is two arguments
// rustc: a buffer is two arguments: import it, and call it
// c: does not apply; its two arguments are written out
// no bpf: what a kfunc takes is the kernel's to say

use ferrops::kfunc::Mem;
#[cfg(not(right))]
use ferrops::kfunc::Mem as Bytes;

#[cfg(not(right))]
ferrops::kfuncs! { //~ wrong
    pub KFUNCS;

    /// Whether there are more bytes than that.
    #[kfunc(sched_cls)]
    pub fn wrong_larger(mem: Bytes<'_>, than: u32) -> bool {
        mem.len() > than as usize
    }
}

#[cfg(right)]
ferrops::kfuncs! {
    pub KFUNCS;

    /// Whether there are more bytes than that.
    #[kfunc(sched_cls)]
    pub fn wrong_larger(mem: Mem<'_>, than: u32) -> bool {
        mem.len() > than as usize
    }
}
