// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a renamed buffer type, which hides that it is two arguments
// rustc: a buffer is two arguments: import it, and call it
// c: does not apply; the two arguments are explicit
// no bpf: the kernel defines the arguments of a kfunc

use ferrops::kfunc::Mem;
#[cfg(not(right))]
use ferrops::kfunc::Mem as Bytes;

#[cfg(not(right))]
ferrops::kfuncs! { //~ error
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
