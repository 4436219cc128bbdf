// SPDX-License-Identifier: GPL-2.0-only

//! [`rbic`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rbic;

ferrops::callback_kfuncs! {
    KFUNCS: rbic::Rbic;

    rbic_init = init;
    rbic_recalc_ssthresh = ssthresh;
    rbic_cong_avoid = cong_avoid;
    rbic_state = set_state;
    rbic_undo_cwnd = undo_cwnd;
    rbic_acked = pkts_acked;
}

ferrops::module_tcp_congestion_ops! {
    algorithm: rbic::Rbic,
    name: "tcp_rbic",
    authors: ["The ferrops authors"],
    description: "BIC congestion control in Rust",
    license: "GPL",
    kfuncs: KFUNCS,
}
