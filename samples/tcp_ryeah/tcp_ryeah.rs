// SPDX-License-Identifier: GPL-2.0-only

//! [`ryeah`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod ryeah;

ferrops::module_tcp_congestion_ops! {
    algorithm: ryeah::Ryeah,
    name: "tcp_ryeah",
    authors: ["The ferrops authors"],
    description: "YeAH congestion control in Rust",
    license: "GPL",
}
