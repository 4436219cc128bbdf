// SPDX-License-Identifier: GPL-2.0-only

//! Every algorithm in `samples/` copes with anything. Here alone, since the parameters are set.

use tcp_cc_host::copes_with_anything;

#[test]
fn rreno_copes_with_anything() {
    copes_with_anything::<rreno::Rreno>();
}

#[test]
fn rbic_copes_with_anything() {
    copes_with_anything::<rbic::Rbic>();
}

#[test]
fn rcubic_copes_with_anything() {
    copes_with_anything::<rcubic::Rcubic>();
}

#[test]
fn rdctcp_copes_with_anything() {
    copes_with_anything::<rdctcp::Rdctcp>();
}

#[test]
fn rdctcp_without_ecn_copes_with_anything() {
    copes_with_anything::<rdctcp::RdctcpReno>();
}

#[test]
fn rbbr_copes_with_anything() {
    copes_with_anything::<rbbr::Rbbr>();
}
