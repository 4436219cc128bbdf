// SPDX-License-Identifier: GPL-2.0-only

// The fields of a socket and of the samples that algorithms see: one list for all worlds.
//
// Each line is `name: type = struct, [member];` and becomes a getter called `name`. With
// `name / set_name` there is a setter too: only what the BPF verifier lets a congestion control
// write (`bpf_tcp_ca_btf_struct_access()` in net/ipv4/bpf_tcp_ca.c). `struct` is where the member
// lies in C; all of the structs of a socket begin at the same address.
//
// `kernel.rs` reads the member itself, `host.rs` makes a plain struct of the names, and for BPF
// `scripts/build-bpf` writes an accessor in C for each line, which is why the list is plain text.

/// Calls the macro `$do` with the fields of a socket.
macro_rules! sock_fields {
    ($do:ident) => {
        $do! {
            /// Sending congestion window, in packets.
            snd_cwnd / set_snd_cwnd: u32 = tcp_sock, [snd_cwnd];
            /// Linear increase counter, in packets.
            snd_cwnd_cnt / set_snd_cwnd_cnt: u32 = tcp_sock, [snd_cwnd_cnt];
            /// When the window was last validated or changed, in ticks of `tcp_jiffies32`.
            snd_cwnd_stamp / set_snd_cwnd_stamp: u32 = tcp_sock, [snd_cwnd_stamp];
            /// Slow start threshold, in packets.
            snd_ssthresh / set_snd_ssthresh: u32 = tcp_sock, [snd_ssthresh];
            /// `delivered` below which the sender was limited by the application; 0 for none.
            app_limited / set_app_limited: u32 = tcp_sock, [app_limited];
            /// `TCP_ECN_*` bits.
            ecn_flags / set_ecn_flags: u8 = tcp_sock, [ecn_flags];
            /// `ICSK_ACK_*` bits: what acknowledgement is due.
            ack_pending / set_ack_pending: u8 = inet_connection_sock, [icsk_ack.pending];
            /// `enum sk_pacing`: who paces this socket.
            sk_pacing_status / set_sk_pacing_status: u32 = sock, [sk_pacing_status];
            /// Upper bound of `snd_cwnd`, in packets.
            snd_cwnd_clamp: u32 = tcp_sock, [snd_cwnd_clamp];
            /// `snd_cwnd` before the last reduction, in packets.
            prior_cwnd: u32 = tcp_sock, [prior_cwnd];
            /// `snd_ssthresh` before the last reduction, in packets.
            prior_ssthresh: u32 = tcp_sock, [prior_ssthresh];
            /// Most packets that were out in the last RTT.
            max_packets_out: u32 = tcp_sock, [max_packets_out];
            /// Packets that were sent and are not yet acknowledged.
            packets_out: u32 = tcp_sock, [packets_out];
            /// Packets that are out a second time.
            retrans_out: u32 = tcp_sock, [retrans_out];
            /// Packets that were SACKed.
            sacked_out: u32 = tcp_sock, [sacked_out];
            /// Packets that are held to be lost.
            lost_out: u32 = tcp_sock, [lost_out];
            /// Packets that were ever marked lost, retransmits included.
            lost: u32 = tcp_sock, [lost];
            /// Packets that were ever retransmitted.
            total_retrans: u32 = tcp_sock, [total_retrans];
            /// Packets that were ever delivered, retransmits included.
            delivered: u32 = tcp_sock, [delivered];
            /// Those of `delivered` that came with an ECN mark.
            delivered_ce: u32 = tcp_sock, [delivered_ce];
            /// When `delivered` last grew, in microseconds.
            delivered_mstamp: u64 = tcp_sock, [delivered_mstamp];
            /// How far packets are held to be reordered, in packets.
            reordering: u32 = tcp_sock, [reordering];
            /// Next sequence number to send.
            snd_nxt: u32 = tcp_sock, [snd_nxt];
            /// First byte not yet acknowledged.
            snd_una: u32 = tcp_sock, [snd_una];
            /// End of what the application has written.
            write_seq: u32 = tcp_sock, [write_seq];
            /// `snd_nxt` when the current recovery began.
            high_seq: u32 = tcp_sock, [high_seq];
            /// Next sequence number that is expected.
            rcv_nxt: u32 = tcp_sock, [rcv_nxt];
            /// When data was last sent, in ticks of `tcp_jiffies32`.
            lsndtime: u32 = tcp_sock, [lsndtime];
            /// Time of the most recent packet received or sent, in microseconds.
            tcp_mstamp: u64 = tcp_sock, [tcp_mstamp];
            /// The clock as last read, in nanoseconds.
            tcp_clock_cache: u64 = tcp_sock, [tcp_clock_cache];
            /// When the next packet may leave, in nanoseconds.
            tcp_wstamp_ns: u64 = tcp_sock, [tcp_wstamp_ns];
            /// Smoothed RTT in eighths of a microsecond.
            srtt_us: u32 = tcp_sock, [srtt_us];
            /// Mean deviation of the RTT in quarters of a microsecond.
            mdev_us: u32 = tcp_sock, [mdev_us];
            /// Least RTT of the last `tcp_min_rtt_wlen` seconds in microseconds; all ones for none.
            min_rtt_us: u32 = tcp_sock, [rtt_min.s[0].v];
            /// Maximum segment size, in bytes.
            mss_cache: u32 = tcp_sock, [mss_cache];
            /// Upper bound of `sk_pacing_rate`, in bytes per second.
            sk_max_pacing_rate: u64 = sock, [sk_max_pacing_rate];
            /// `sk_pacing_rate >> sk_pacing_shift` bytes may be queued below TCP.
            sk_pacing_shift: u8 = sock, [sk_pacing_shift];
            /// Largest GSO packet of the route, in bytes.
            sk_gso_max_size: u32 = sock, [sk_gso_max_size];
            /// `TCP_ESTABLISHED` and the like.
            sk_state: u8 = sock, [__sk_common.skc_state];
        }
    };
}

/// Calls the macro `$do` with the fields of a `struct ack_sample`.
macro_rules! ack_sample_fields {
    ($do:ident) => {
        $do! {
            /// Packets acknowledged.
            ack_pkts_acked: u32 = pkts_acked;
            /// Round trip time in microseconds; negative for none.
            ack_rtt_us: i32 = rtt_us;
            /// Packets in flight when the acknowledged ones were sent.
            ack_in_flight: u32 = in_flight;
        }
    };
}

/// Calls the macro `$do` with the fields of a `struct rate_sample`.
macro_rules! rate_sample_fields {
    ($do:ident) => {
        $do! {
            /// When the interval began, in microseconds.
            rate_prior_mstamp: u64 = prior_mstamp;
            /// `delivered` of the socket at that time, in packets.
            rate_prior_delivered: u32 = prior_delivered;
            /// `delivered_ce` of the socket at that time, in packets.
            rate_prior_delivered_ce: u32 = prior_delivered_ce;
            /// Packets delivered over the interval; negative if the sample is invalid.
            rate_delivered: i32 = delivered;
            /// Those of them that came with an ECN mark.
            rate_delivered_ce: i32 = delivered_ce;
            /// Length of the interval in microseconds; negative if the sample is invalid.
            rate_interval_us: i64 = interval_us;
            /// Time that sending the packets took, in microseconds.
            rate_snd_interval_us: u32 = snd_interval_us;
            /// Time that their ACKs took to arrive, in microseconds.
            rate_rcv_interval_us: u32 = rcv_interval_us;
            /// RTT of the packet acknowledged last, in microseconds; negative for none.
            rate_rtt_us: i64 = rtt_us;
            /// Packets that this ACK marked lost.
            rate_losses: i32 = losses;
            /// Packets that this ACK newly acknowledged or SACKed.
            rate_acked_sacked: u32 = acked_sacked;
            /// Packets in flight before this ACK.
            rate_prior_in_flight: u32 = prior_in_flight;
            /// End of the packet acknowledged last.
            rate_last_end_seq: u32 = last_end_seq;
            /// Whether the application limited the sender meanwhile.
            rate_is_app_limited: bool = is_app_limited;
            /// Whether the sample comes from a retransmission.
            rate_is_retrans: bool = is_retrans;
            /// Whether this is probably a delayed ACK.
            rate_is_ack_delayed: bool = is_ack_delayed;
        }
    };
}
