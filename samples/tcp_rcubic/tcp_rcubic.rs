// SPDX-License-Identifier: GPL-2.0-only

//! [`rcubic`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rcubic;

#[cfg(CONFIG_KUNIT = "y")]
mod kunit;

ferrops::callback_kfuncs! {
    KFUNCS: rcubic::Rcubic;

    rcubic_init = init;
    rcubic_recalc_ssthresh = ssthresh;
    rcubic_cong_avoid = cong_avoid;
    rcubic_state = set_state;
    rcubic_undo_cwnd = undo_cwnd;
    rcubic_cwnd_event_tx_start = cwnd_event_tx_start;
    rcubic_acked = pkts_acked;
}

ferrops::module_tcp_congestion_ops! {
    algorithm: rcubic::Rcubic,
    name: "tcp_rcubic",
    authors: ["The ferrops authors"],
    description: "CUBIC congestion control in Rust",
    license: "GPL",
    kfuncs: KFUNCS,
}
