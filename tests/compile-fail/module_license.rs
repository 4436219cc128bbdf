// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: a module that is not under the GPL
// rustc: the module must be under the GPL: use `license: "GPL"`
// c: compiles; `modpost` refuses the GPL-only symbols
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
    license: "MIT",
}
