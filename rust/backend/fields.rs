// SPDX-License-Identifier: GPL-2.0-only

// The fields of a socket and of the samples that algorithms see: one list for all targets.
//
// Each line is `name: type as Quantity = struct, [member];` and becomes a raw getter called `name`.
// With `name / set_name` there is a setter too: only what the BPF verifier lets a congestion
// control write (`bpf_tcp_ca_btf_struct_access()` in net/ipv4/bpf_tcp_ca.c). `struct` is where the
// member lies in C; all of the structs of a socket begin at the same address.
//
// With `as Quantity` algorithms have the getter (and the setter) by the same name, as a method of
// `tcp_cc::Sock` that returns this type. Without, the field is for the methods of `sock.rs` only.
//
// `shared` at the end marks a field that others write without the socket's lock: each use of it is
// one read (`READ_ONCE()`). All others only change under the lock (contract 20).
//
// `kernel.rs` reads the member itself, `host.rs` makes a plain struct of the names, and for BPF
// `scripts/build-bpf` writes an accessor in C for each line, which is why the list is plain text.

/// Calls the macro `$do` with the fields of a socket.
#[doc(hidden)]
#[macro_export]
macro_rules! sock_fields {
    ($do:ident) => {
        $do! {
            /// The congestion window.
            snd_cwnd / set_snd_cwnd: u32 as Cwnd = tcp_sock, [snd_cwnd];
            /// The linear increase counter: packets acknowledged since the window last grew by one.
            snd_cwnd_cnt / set_snd_cwnd_cnt: u32 as Packets = tcp_sock, [snd_cwnd_cnt];
            /// When the window was last validated or changed.
            snd_cwnd_stamp / set_snd_cwnd_stamp: u32 as Jiffies32 = tcp_sock, [snd_cwnd_stamp];
            /// The slow start threshold.
            snd_ssthresh / set_snd_ssthresh: u32 as Ssthresh = tcp_sock, [snd_ssthresh];
            /// `delivered` below which the application limited the sender; 0 if it did not.
            app_limited / set_app_limited: u32 as Packets = tcp_sock, [app_limited];
            /// `TCP_ECN_*` bits.
            ecn_flags / set_ecn_flags: u8 = tcp_sock, [ecn_flags];
            /// `ICSK_ACK_*` bits: what acknowledgement is due.
            ack_pending / set_ack_pending: u8 = inet_connection_sock, [icsk_ack.pending];
            /// `enum sk_pacing`: who paces this socket.
            sk_pacing_status: u32 = sock, [sk_pacing_status], shared;
            /// The upper bound of the window.
            snd_cwnd_clamp: u32 as Packets = tcp_sock, [snd_cwnd_clamp];
            /// The window before the last reduction; 0 if there was none.
            prior_cwnd: u32 as Packets = tcp_sock, [prior_cwnd];
            /// The slow start threshold before the last reduction.
            prior_ssthresh: u32 as Packets = tcp_sock, [prior_ssthresh];
            /// The most packets that were out in the last RTT.
            max_packets_out: u32 as Packets = tcp_sock, [max_packets_out];
            /// Packets that were sent and are not yet acknowledged.
            packets_out: u32 as Packets = tcp_sock, [packets_out];
            /// Packets that were retransmitted and are out.
            retrans_out: u32 as Packets = tcp_sock, [retrans_out];
            /// Packets that were SACKed.
            sacked_out: u32 as Packets = tcp_sock, [sacked_out];
            /// Packets that are considered lost.
            lost_out: u32 as Packets = tcp_sock, [lost_out];
            /// Packets that were ever marked lost, retransmissions included. Wraps.
            lost: u32 as Packets = tcp_sock, [lost];
            /// Packets that were ever retransmitted. Wraps.
            total_retrans: u32 as Packets = tcp_sock, [total_retrans];
            /// Packets that were ever delivered, retransmissions included. Wraps.
            delivered: u32 as Packets = tcp_sock, [delivered];
            /// Those of `delivered` that arrived with an ECN mark. Wraps.
            delivered_ce: u32 as Packets = tcp_sock, [delivered_ce];
            /// When `delivered` last grew.
            delivered_mstamp: u64 as Micros64 = tcp_sock, [delivered_mstamp];
            /// How far packets are assumed to be reordered.
            reordering: u32 as Packets = tcp_sock, [reordering];
            /// The next sequence number to send.
            snd_nxt: u32 as SeqNo = tcp_sock, [snd_nxt];
            /// The first byte that is not yet acknowledged.
            snd_una: u32 as SeqNo = tcp_sock, [snd_una];
            /// The end of the data that the application has written.
            write_seq: u32 as SeqNo = tcp_sock, [write_seq];
            /// `snd_nxt` when the current recovery began.
            high_seq: u32 as SeqNo = tcp_sock, [high_seq];
            /// The next sequence number that is expected.
            rcv_nxt: u32 as SeqNo = tcp_sock, [rcv_nxt];
            /// When data was last sent.
            lsndtime: u32 as Jiffies32 = tcp_sock, [lsndtime];
            /// The time of the packet that is being sent or received.
            tcp_mstamp: u64 as Micros64 = tcp_sock, [tcp_mstamp];
            /// The clock as last read, in nanoseconds.
            tcp_clock_cache: u64 as u64 = tcp_sock, [tcp_clock_cache];
            /// When the next packet may leave, in nanoseconds.
            tcp_wstamp_ns: u64 as u64 = tcp_sock, [tcp_wstamp_ns];
            /// The smoothed RTT in eighths of a microsecond; 0 before the first sample.
            srtt_us: u32 as u32 = tcp_sock, [srtt_us];
            /// The mean deviation of the RTT in quarters of a microsecond.
            mdev_us: u32 as u32 = tcp_sock, [mdev_us];
            /// The least RTT of the last `net.ipv4.tcp_min_rtt_wlen` seconds in microseconds; all ones
            /// before the first sample.
            min_rtt_us: u32 as u32 = tcp_sock, [rtt_min.s[0].v];
            /// The maximum segment size, in bytes.
            mss_cache: u32 as u32 = tcp_sock, [mss_cache];
            /// The upper bound of the pacing rate (`SO_MAX_PACING_RATE`).
            sk_max_pacing_rate: u64 as BytesPerSec = sock, [sk_max_pacing_rate], shared;
            /// The pacing rate.
            sk_pacing_rate: u64 as BytesPerSec = sock, [sk_pacing_rate], shared;
            /// `sk_pacing_rate >> sk_pacing_shift` bytes may be queued below TCP.
            sk_pacing_shift: u8 as u8 = sock, [sk_pacing_shift], shared;
            /// The largest packet that may be handed to the device, in bytes.
            sk_gso_max_size: u32 as u32 = sock, [sk_gso_max_size];
            /// `TCP_ESTABLISHED` and the like.
            sk_state: u8 = sock, [__sk_common.skc_state];
        }
    };
}

/// Calls the macro `$do` with the fields of a `struct ack_sample`.
#[doc(hidden)]
#[macro_export]
macro_rules! ack_sample_fields {
    ($do:ident) => {
        $do! {
            /// How many packets were acknowledged.
            ack_pkts_acked: u32 as Packets = pkts_acked;
            /// Round trip time in microseconds; negative for none.
            ack_rtt_us: i32 = rtt_us;
            /// Bytes that were in flight when the acknowledged packets were sent: those delivered
            /// since then (`mss_cache` each, `tcp_clean_rtx_queue()`).
            ack_in_flight: u32 as Bytes = in_flight;
        }
    };
}

/// Calls the macro `$do` with the fields of a `struct rate_sample`.
#[doc(hidden)]
#[macro_export]
macro_rules! rate_sample_fields {
    ($do:ident) => {
        $do! {
            /// When the interval began, in microseconds.
            rate_prior_mstamp: u64 = prior_mstamp;
            /// The socket's `delivered` when the interval began.
            rate_prior_delivered: u32 as Packets = prior_delivered;
            /// The socket's `delivered_ce` when the interval began.
            rate_prior_delivered_ce: u32 as Packets = prior_delivered_ce;
            /// Packets delivered over the interval; negative if the sample is invalid.
            rate_delivered: i32 = delivered;
            /// Those of them that came with an ECN mark.
            rate_delivered_ce: i32 = delivered_ce;
            /// Length of the interval in microseconds; negative if the sample is invalid.
            rate_interval_us: i64 = interval_us;
            /// Time that sending the packets took, in microseconds.
            rate_snd_interval_us: u32 as u32 = snd_interval_us;
            /// Time that their ACKs took to arrive, in microseconds.
            rate_rcv_interval_us: u32 as u32 = rcv_interval_us;
            /// RTT of the packet acknowledged last, in microseconds; negative for none.
            rate_rtt_us: i64 = rtt_us;
            /// Packets that this ACK marked lost.
            rate_losses: i32 = losses;
            /// Packets that this ACK newly acknowledged or SACKed.
            rate_acked_sacked: u32 = acked_sacked;
            /// How many packets were in flight before this ACK.
            rate_prior_in_flight: u32 as Packets = prior_in_flight;
            /// Where the packet acknowledged last ends.
            rate_last_end_seq: u32 as SeqNo = last_end_seq;
            /// Whether the application limited the sender meanwhile.
            rate_is_app_limited: bool as bool = is_app_limited;
            /// Whether the sample comes from a retransmission.
            rate_is_retrans: bool as bool = is_retrans;
            /// Whether this is probably a delayed ACK.
            rate_is_ack_delayed: bool as bool = is_ack_delayed;
        }
    };
}
