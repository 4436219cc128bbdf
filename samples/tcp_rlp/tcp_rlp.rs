// SPDX-License-Identifier: GPL-2.0-only

//! [`rlp`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rlp;

ferrops::module_tcp_congestion_ops! {
    algorithm: rlp::Rlp,
    name: "tcp_rlp",
    authors: ["The ferrops authors"],
    description: "Low Priority congestion control in Rust",
    license: "GPL",
}
