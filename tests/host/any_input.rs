// SPDX-License-Identifier: GPL-2.0-only

//! Every algorithm in `samples/` copes with anything. Here alone, since the parameters are set.

use tcp_cc_host::fuzz_all_callbacks;

#[test]
fn rreno_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rreno::Rreno>();
}

#[test]
fn rbic_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rbic::Rbic>();
}

#[test]
fn rcubic_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rcubic::Rcubic>();
}

#[test]
fn rdctcp_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rdctcp::Rdctcp>();
}

#[test]
fn rdctcp_without_ecn_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rdctcp::RdctcpReno>();
}

#[test]
fn rbbr_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rbbr::Rbbr>();
}
