// SPDX-License-Identifier: GPL-2.0-only

//! [`rscalable`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rscalable;

ferrops::module_tcp_congestion_ops! {
    algorithm: rscalable::Rscalable,
    name: "tcp_rscalable",
    authors: ["The ferrops authors"],
    description: "Scalable congestion control in Rust",
    license: "GPL",
}
