// SPDX-License-Identifier: GPL-2.0-only

//! [`rdctcp`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod rdctcp;

ferrops::callback_kfuncs! {
    KFUNCS: rdctcp::Rdctcp;

    rdctcp_init = init;
    rdctcp_update_alpha = in_ack_event;
    rdctcp_cwnd_event = cwnd_event;
    rdctcp_cwnd_event_tx_start = cwnd_event_tx_start;
    rdctcp_ssthresh = ssthresh;
    rdctcp_cwnd_undo = undo_cwnd;
    rdctcp_state = set_state;
}

ferrops::module_tcp_congestion_ops! {
    algorithm: rdctcp::Rdctcp,
    name: "tcp_rdctcp",
    authors: ["The ferrops authors"],
    description: "DataCenter TCP (DCTCP) in Rust",
    license: "GPL",
    kfuncs: KFUNCS,
}
