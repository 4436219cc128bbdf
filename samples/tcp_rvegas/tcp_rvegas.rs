// SPDX-License-Identifier: GPL-2.0-only

//! [`rvegas`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rvegas;

ferrops::module_tcp_congestion_ops! {
    algorithm: rvegas::Rvegas,
    name: "tcp_rvegas",
    authors: ["The ferrops authors"],
    description: "Vegas congestion control in Rust",
    license: "GPL",
}
