// SPDX-License-Identifier: GPL-2.0-only

//! [`rhighspeed`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rhighspeed;

ferrops::module_tcp_congestion_ops! {
    algorithm: rhighspeed::Rhighspeed,
    name: "tcp_rhighspeed",
    authors: ["The ferrops authors"],
    description: "HighSpeed congestion control in Rust",
    license: "GPL",
}
