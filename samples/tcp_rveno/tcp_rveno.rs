// SPDX-License-Identifier: GPL-2.0-only

//! [`rveno`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rveno;

ferrops::module_tcp_congestion_ops! {
    algorithm: rveno::Rveno,
    name: "tcp_rveno",
    authors: ["The ferrops authors"],
    description: "Veno congestion control in Rust",
    license: "GPL",
}
