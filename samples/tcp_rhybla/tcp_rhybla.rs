// SPDX-License-Identifier: GPL-2.0-only

//! [`rhybla`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rhybla;

ferrops::module_tcp_congestion_ops! {
    algorithm: rhybla::Rhybla,
    name: "tcp_rhybla",
    authors: ["The ferrops authors"],
    description: "Hybla congestion control in Rust",
    license: "GPL",
}
