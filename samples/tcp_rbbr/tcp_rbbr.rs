// SPDX-License-Identifier: GPL-2.0-only

//! [`rbbr`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rbbr;

ferrops::callback_kfuncs! {
    KFUNCS: rbbr::Rbbr;

    rbbr_init = init;
    rbbr_main = cong_control;
    rbbr_sndbuf_expand = sndbuf_expand;
    rbbr_undo_cwnd = undo_cwnd;
    rbbr_cwnd_event_tx_start = cwnd_event_tx_start;
    rbbr_ssthresh = ssthresh;
    rbbr_min_tso_segs = min_tso_segs;
    rbbr_set_state = set_state;
}

ferrops::module_tcp_congestion_ops! {
    algorithm: rbbr::Rbbr,
    name: "tcp_rbbr",
    authors: ["The ferrops authors"],
    description: "BBR congestion control in Rust",
    license: "GPL",
    kfuncs: KFUNCS,
}
