// SPDX-License-Identifier: GPL-2.0-only

//! [`rillinois`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rillinois;

ferrops::module_tcp_congestion_ops! {
    algorithm: rillinois::Rillinois,
    name: "tcp_rillinois",
    authors: ["The ferrops authors"],
    description: "Illinois congestion control in Rust",
    license: "GPL",
}
