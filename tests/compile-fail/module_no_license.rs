// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a module without a license
// rustc: this is not how a module is declared
// c: compiles; `modpost` refuses it: "missing MODULE_LICENSE()"
// bpf: cannot call kernel function from non-GPL compatible program

#[cfg(right)]
ferrops::module_tcp_congestion_ops! {
    algorithm: Algorithm,
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}

#[cfg(not(right))]
ferrops::module_tcp_congestion_ops! { //~ error
    algorithm: Algorithm,
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
}
