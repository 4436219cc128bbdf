// SPDX-License-Identifier: GPL-2.0-only

//! What `ss -ti` shows of an algorithm.
//!
//! C header: [`include/uapi/linux/inet_diag.h`](srctree/include/uapi/linux/inet_diag.h)

/// An answer to `get_info`: the kernel knows three shapes, and `ss` prints each in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Info {
    /// `struct tcpvegas_info`
    Vegas(VegasInfo),
    /// `struct tcp_dctcp_info`
    Dctcp(DctcpInfo),
    /// `struct tcp_bbr_info`
    Bbr(BbrInfo),
}

/// `struct tcpvegas_info`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VegasInfo {
    /// Whether the algorithm is at work.
    pub enabled: bool,
    /// RTT samples in the last round.
    pub rttcnt: u32,
    /// The RTT in microseconds.
    pub rtt: u32,
    /// The least RTT in microseconds.
    pub minrtt: u32,
}

/// `struct tcp_dctcp_info`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DctcpInfo {
    /// Whether the algorithm is at work, and has not fallen back to another.
    pub enabled: bool,
    /// Whether the last packet came with an ECN mark.
    pub ce_state: u16,
    /// How many packets are marked on average, in 1/1024.
    pub alpha: u32,
    /// Bytes acknowledged in this round that were marked.
    pub ab_ecn: u32,
    /// Bytes acknowledged in this round.
    pub ab_tot: u32,
}

/// `struct tcp_bbr_info`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BbrInfo {
    /// The bandwidth of the path in bytes per second.
    pub bw: u64,
    /// The least RTT in microseconds.
    pub min_rtt: u32,
    /// The pacing gain in 1/256.
    pub pacing_gain: u32,
    /// The window's gain in 1/256.
    pub cwnd_gain: u32,
}
