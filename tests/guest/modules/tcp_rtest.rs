// SPDX-License-Identifier: GPL-2.0-only

//! [`rtest`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rtest;

ferrops::module_tcp_congestion_ops! {
    algorithms: [rtest::Rtest, rtest::RtestEcn],
    name: "tcp_rtest",
    authors: ["The ferrops authors"],
    description: "What the samples do not use of the interface",
    license: "GPL",
}
