// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: unsafe code in the arguments of a macro
// rustc: call to unsafe function `core::ptr::write` is unsafe
// c: all of it is
// no bpf: there are no such macros

ferrops::kfuncs! {
    KFUNCS;

    /// What it was given.
    #[kfunc(sched_cls)]
    pub fn wrong_same(a: u32) -> u32 {
        a
    }
}

ferrops::module_kfuncs! {
    kfuncs: {
        #[cfg(not(right))]
        core::ptr::write(core::ptr::without_provenance_mut::<u32>(8), 1); //~ error
        KFUNCS
    },
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}
