// SPDX-License-Identifier: GPL-2.0-only

//! [`rnv`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rnv;

ferrops::module_tcp_congestion_ops! {
    algorithm: rnv::Rnv,
    name: "tcp_rnv",
    authors: ["The ferrops authors"],
    description: "NV congestion control in Rust",
    license: "GPL",
}
