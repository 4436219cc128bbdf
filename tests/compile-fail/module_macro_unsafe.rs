// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: unsafe code in a module's declaration
// rustc: call to unsafe function `core::ptr::write` is unsafe and requires unsafe block
// c: compiles; it writes to address 8
// no bpf: a program cannot write there

ferrops::kfuncs! {
    KFUNCS;

    /// Half of the window.
    #[kfunc(tcp_congestion_ops)]
    pub fn wrong_half(sk: &mut Sock) -> u32 {
        sk.snd_cwnd().get() / 2
    }
}

ferrops::module_tcp_congestion_ops! {
    algorithm: Algorithm,
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
    kfuncs: {
        #[cfg(not(right))]
        core::ptr::write(core::ptr::without_provenance_mut::<u32>(8), 1); //~ error
        KFUNCS
    },
}
