// SPDX-License-Identifier: GPL-2.0-only

//! [`rreno`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rreno;

#[cfg(CONFIG_KUNIT = "y")]
mod kunit;

ferrops::callback_kfuncs! {
    KFUNCS: rreno::Rreno;

    rreno_ssthresh = ssthresh;
    rreno_cong_avoid = cong_avoid;
    rreno_undo_cwnd = undo_cwnd;
}

ferrops::module_tcp_congestion_ops! {
    algorithm: rreno::Rreno,
    name: "tcp_rreno",
    authors: ["The ferrops authors"],
    description: "Reno congestion control in Rust",
    license: "GPL",
    kfuncs: KFUNCS,
}
