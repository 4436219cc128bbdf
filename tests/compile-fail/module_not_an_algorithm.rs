// SPDX-License-Identifier: GPL-2.0-only
//
// mistake: registering a type that is not an algorithm
// rustc: `Other` is not a congestion control algorithm
// c: does not compile either
// no bpf: such a struct_ops has no other members

struct Other;

#[cfg(right)]
ferrops::module_tcp_congestion_ops! {
    algorithm: Algorithm,
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}

#[cfg(not(right))]
ferrops::module_tcp_congestion_ops! {
    algorithm: Other, //~ error
    name: "tcp_wrong",
    authors: ["The ferrops authors"],
    description: "Wrong",
    license: "GPL",
}
