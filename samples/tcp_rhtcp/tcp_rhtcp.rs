// SPDX-License-Identifier: GPL-2.0-only

//! [`rhtcp`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rhtcp;

ferrops::module_tcp_congestion_ops! {
    algorithm: rhtcp::Rhtcp,
    name: "tcp_rhtcp",
    authors: ["The ferrops authors"],
    description: "H-TCP congestion control in Rust",
    license: "GPL",
}
