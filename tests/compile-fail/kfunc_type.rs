// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: an argument that has no meaning in C
// rustc: `&str` cannot be an argument of a kfunc
// c: there is no such type
// no bpf: there is no such type

#[cfg(right)]
use ferrops::kfunc::Mem;

#[cfg(not(right))]
ferrops::kfuncs! {
    pub KFUNCS;

    /// How long a text is.
    #[kfunc(sched_cls)]
    pub fn wrong_length(text: &str) -> u32 { //~ error
        text.len() as u32
    }
}

#[cfg(right)]
ferrops::kfuncs! {
    pub KFUNCS;

    /// How long a text is.
    #[kfunc(sched_cls)]
    pub fn wrong_length(text: Mem<'_>) -> u32 {
        text.len() as u32
    }
}
