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

#[test]
fn rvegas_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rvegas::Rvegas>();
}

#[test]
fn rwestwood_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rwestwood::Rwestwood>();
}

#[test]
fn rhtcp_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rhtcp::Rhtcp>();
}

#[test]
fn rillinois_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rillinois::Rillinois>();
}

#[test]
fn rveno_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rveno::Rveno>();
}

#[test]
fn rscalable_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rscalable::Rscalable>();
}

#[test]
fn ryeah_fuzz_all_callbacks() {
    fuzz_all_callbacks::<ryeah::Ryeah>();
}

#[test]
fn rhybla_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rhybla::Rhybla>();
}

#[test]
fn rhighspeed_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rhighspeed::Rhighspeed>();
}

#[test]
fn rlp_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rlp::Rlp>();
}

#[test]
fn rnv_fuzz_all_callbacks() {
    fuzz_all_callbacks::<rnv::Rnv>();
}
