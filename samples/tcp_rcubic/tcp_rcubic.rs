// SPDX-License-Identifier: GPL-2.0-only

//! [`rcubic`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rcubic;

#[cfg(CONFIG_KUNIT = "y")]
mod kunit;

ferrops::module_tcp_congestion_ops! {
    algorithm: rcubic::Rcubic,
    name: "tcp_rcubic",
    authors: ["The ferrops authors"],
    description: "CUBIC congestion control in Rust",
    license: "GPL",
}
