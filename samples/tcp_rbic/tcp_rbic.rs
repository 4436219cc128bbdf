// SPDX-License-Identifier: GPL-2.0-only

//! [`rbic`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rbic;

ferrops::module_tcp_congestion_ops! {
    algorithm: rbic::Rbic,
    name: "tcp_rbic",
    authors: ["The ferrops authors"],
    description: "BIC congestion control in Rust",
    license: "GPL",
}
