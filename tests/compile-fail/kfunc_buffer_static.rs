// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a buffer with a `'static` lifetime
// rustc: does not live long enough
// c: compiles; a kept pointer leads to foreign memory
// no bpf: the memory is the program's own

#[cfg(right)]
use ferrops::kfunc::Mem;

#[cfg(not(right))]
type Mem<'a> = <&'a u8 as Always>::Mem;

/// Hides how long.
#[cfg(not(right))]
trait Always {
    /// For ever.
    type Mem;
}

#[cfg(not(right))]
impl Always for &u8 {
    type Mem = ferrops::kfunc::Mem<'static>;
}

ferrops::kfuncs! { //~ error
    pub KFUNCS;

    /// How many bytes there are.
    #[kfunc(sched_cls)]
    pub fn wrong_length(mem: Mem<'_>) -> u32 {
        mem.len() as u32
    }
}
