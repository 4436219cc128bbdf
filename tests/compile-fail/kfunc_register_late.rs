// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: registering kfuncs after the module's init
// rustc: call to unsafe function
// c: compiles, with a modpost warning; jumps into freed init memory
// no bpf: a program registers nothing

ferrops::kfuncs! {
    pub KFUNCS;

    /// Whether all is well.
    #[kfunc(sched_cls)]
    pub fn wrong_register() -> bool {
        #[cfg(right)]
        let done = true;
        #[cfg(not(right))]
        let done = KFUNCS.register().is_ok(); //~ error
        done
    }
}
