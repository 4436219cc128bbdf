// SPDX-License-Identifier: GPL-2.0-only

//! [`rwestwood`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rwestwood;

ferrops::module_tcp_congestion_ops! {
    algorithm: rwestwood::Rwestwood,
    name: "tcp_rwestwood",
    authors: ["The ferrops authors"],
    description: "Westwood+ congestion control in Rust",
    license: "GPL",
}
