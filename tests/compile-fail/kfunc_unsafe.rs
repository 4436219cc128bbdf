// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: unsafe code in a function that others call
// rustc: usage of an `unsafe` block
// c: all of it is
// no bpf: see reading from any address

ferrops::kfuncs! {
    pub KFUNCS;

    /// The byte at an address.
    #[kfunc(sched_cls)]
    pub fn wrong_byte(address: u64) -> u8 {
        #[cfg(right)]
        let byte = address as u8;
        #[cfg(not(right))]
        // SAFETY: There is none: this is the mistake.
        let byte = unsafe { *(address as *const u8) }; //~ error
        byte
    }
}
