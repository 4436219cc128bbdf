// SPDX-License-Identifier: GPL-2.0-only

// The schema of the kernel's congestion control: the members of `struct tcp_congestion_ops`, and
// the fields of a socket and of the samples that algorithms see. Each is written here, once, for
// all targets; raw tables, adapters, BPF programs, kfuncs, getters, the host's socket and the
// tests' are generated from it. The text is plain, since scripts read it too (bpf_glue.py).
//
// A crate that needs the list includes this file as a module (`#[macro_use]`), and exports it.
//
// # Members
//
// `Context name(argument: raw type as type, ...) -> raw type as type [range];`
//
// `Context` is that of `tcp_cc::Sock` (rust/tcp_cc/context.rs). The raw types are those of C, and
// the types those of the algorithm's callback; a result is clamped to the range. The groups:
//
// required  of every table
// control   one of them, as a variant of `tcp_cc::Control`
// optional  `NULL` where the algorithm leaves it out
// get_info  optional, in a table of a module only: BPF programs do not have it
//
// # Fields
//
// `name / set_name: raw type as Quantity = struct, [member], shared;` becomes a raw getter called
// `name`. With `set_name` there is a setter too: only what the BPF verifier lets a congestion
// control write (`bpf_tcp_ca_btf_struct_access()` in net/ipv4/bpf_tcp_ca.c). `struct` is where the
// member lies in C; all of the structs of a socket begin at the same address.
//
// With `as Quantity` algorithms have the getter (and the setter) by the same name, as a method of
// `tcp_cc::Sock` that returns this type. Without, the field is for the methods of sock.rs only.
//
// `shared` marks a field that others write without the socket's lock: each use of it is one read
// (`READ_ONCE()`). All others only change under the lock (contract 20).

/// Calls the macro `$do` with the members of `struct tcp_congestion_ops`, after what comes `$with`
/// it.
#[doc(hidden)]
#[macro_export]
macro_rules! tcp_congestion_ops {
    ($do:ident $(, $($with:tt)*)?) => {
        $crate::tcp_congestion_ops! { [$do] $($($with)*)? }
    };
    ([$($do:tt)*] $($with:tt)*) => {
        $($do)*! { $($with)*
            required {
                /// The slow start threshold after a loss or an ECN mark.
                ///
                /// Called on entry to Loss, Recovery and CWR, and also on a SYN timeout, before
                /// `init`. May be called while an event of the same socket sends an ACK.
                Locked ssthresh() -> u32 as Ssthresh;

                /// The window to go back to after a loss that turns out to be spurious.
                Locked undo_cwnd() -> u32 as Cwnd;
            }
            control {
                /// `cong_avoid`: the kernel does PRR, pacing, ECN and idle periods; the algorithm
                /// grows the window.
                ///
                /// Called on ACKs that may grow the window, not while the kernel reduces it.
                /// Gets the acknowledged sequence number and the packets that were newly
                /// acknowledged.
                CongAvoid: Locked cong_avoid(ack: u32 as SeqNo, acked: u32 as Acked);

                /// `cong_control`: the algorithm sets the window, and the pacing rate, itself.
                ///
                /// Called at the end of the processing of an ACK, if packets were out; in recovery
                /// too, and before `init` for the SYN's ACK.
                CongControl: Locked cong_control(
                    ack: u32 as SeqNo,
                    flag: i32 as AckFlags,
                    rs: *const RawRateSample as &RateSample,
                );
            }
            optional {
                /// The connection is established, or a setsockopt has just chosen the algorithm,
                /// perhaps while the socket still connects; never for one that is closed or
                /// listens.
                ///
                /// The state holds what was there before. This is not the first callback to see it:
                /// `pkts_acked`, `in_ack_event` and `cong_control` (or `cong_avoid`) of the SYN's
                /// ACK, `ssthresh`, `cwnd_event` and `set_state` of a SYN timeout, and `set_state`
                /// and `in_ack_event` of a connection that a listener accepts come before (contract
                /// 1).
                Init init();

                /// The algorithm is about to leave the socket. Not called if `init` was not.
                ///
                /// It need not be the last callback: after a disconnect comes `set_state`, with a
                /// state of zeroes.
                Locked release();

                /// Called before the socket's congestion state changes, with the new one.
                ///
                /// A new connection that a listener accepts gets here before `init`. May be called
                /// while an event of the same socket sends an ACK.
                Locked set_state(new_state: u8 as CaState);

                /// Something happened to the window, or a packet came with or without an ECN mark.
                ///
                /// [`CwndEvent::LOSS`] may come before `init`, on a SYN timeout. The start of a
                /// transmission is not among the events but has a callback of its own.
                Event cwnd_event(event: RawEvent as CwndEvent);

                /// The first packet is about to be sent with none in flight.
                Event cwnd_event_tx_start();

                /// An ACK is being processed: `snd_una` has moved, the retransmit queue is cleaned
                /// and `pkts_acked` has run; the congestion state and the window have yet to
                /// change.
                ///
                /// Called for every ACK that is not older than `snd_una`, also before `init`.
                Event in_ack_event(flags: u32 as AckEventFlags);

                /// An ACK arrived while packets were out, and the retransmit queue is cleaned;
                /// perhaps nothing was acknowledged.
                Locked pkts_acked(sample: *const RawAckSample as &AckSample);

                /// The fewest packets to hand to the device at once; without it
                /// `net.ipv4.tcp_min_tso_segs`.
                ///
                /// The kernel is given at least 1: with 0 nothing might be sent at all.
                Locked min_tso_segs() -> u32 as Packets [1..=u32::MAX];

                /// How many windows the send buffer should have room for; without it 2.
                ///
                /// The kernel is given 1 to 128: it multiplies it with a window and its overhead,
                /// as an `int`.
                Locked sndbuf_expand() -> u32 as u32 [1..=128];
            }
            get_info {
                /// What `ss -ti` and `getsockopt(TCP_CC_INFO)` show of this socket.
                ///
                /// Runs without the socket's lock, beside any other callback and even while another
                /// algorithm takes over: the state is a copy of bytes that may have been read while
                /// they were written.
                Unlocked get_info(ext: u32, attr: *mut i32, info: *mut RawCcInfo) -> usize;
            }
        }
    };
}

/// Calls the macro `$do` with the raw prototypes of the members of `struct tcp_congestion_ops`, all
/// alike: first those that BPF programs have, too, then the others.
#[doc(hidden)]
#[macro_export]
macro_rules! raw_tcp_congestion_ops {
    ($do:ident $(, $($with:tt)*)?) => {
        $crate::raw_tcp_congestion_ops! { [$do] $($($with)*)? }
    };
    ([$($do:tt)*] $($with:tt)*) => {
        $crate::tcp_congestion_ops! {
            [$crate::raw_tcp_congestion_ops] @flatten [$($do)*] [$($with)*]
        }
    };
    (
        @flatten [$($do:tt)*] [$($with:tt)*]
        required {
            $($(#[$r_doc:meta])* $r_ctx:ident $required:ident() -> $r_ret:ty as $r_ty:ty;)*
        }
        control { $(
            $(#[$c_doc:meta])*
            $variant:ident: $c_ctx:ident
                $control:ident($($c_arg:ident: $c_raw:ty as $c_ty:ty),* $(,)?);
        )* }
        optional { $(
            $(#[$o_doc:meta])*
            $o_ctx:ident $optional:ident($($o_arg:ident: $o_raw:ty as $o_ty:ty),*)
                $(-> $o_ret:ty as $o_ret_ty:ty [$o_range:expr])?;
        )* }
        get_info { $(
            $(#[$g_doc:meta])*
            $g_ctx:ident $get_info:ident($($g_arg:ident: $g_raw:ty),*) -> $g_ret:ty;
        )* }
    ) => {
        $($do)*! { $($with)*
            [
                $($required() -> $r_ret;)*
                $($control($($c_arg: $c_raw),*);)*
                $($optional($($o_arg: $o_raw),*) $(-> $o_ret)?;)*
            ]
            [$($get_info($($g_arg: $g_raw),*) -> $g_ret;)*]
        }
    };
}

/// Generates `RawOps`, the table as a struct of Rust's, and an empty one: for the targets that have
/// no bindings for the kernel's.
#[doc(hidden)]
#[macro_export]
macro_rules! define_raw_ops {
    ($(#[$attr:meta])* $abi:literal) => {
        $crate::raw_tcp_congestion_ops! { [$crate::define_raw_ops] @members $(#[$attr])* $abi }
    };
    (@members $(#[$attr:meta])* $abi:literal [$($bpf:tt)*] [$($others:tt)*]) => {
        $crate::define_raw_ops! { @struct $(#[$attr])* $abi $($bpf)* $($others)* }
    };
    (
        @struct $(#[$attr:meta])* $abi:literal
        $($member:ident($($arg:ident: $raw:ty),*) $(-> $ret:ty)?;)*
    ) => {
        $(#[$attr])*
        #[expect(missing_docs, reason = "the members' names are the kernel's")]
        pub struct RawOps {
            $(pub $member: Option<unsafe extern $abi fn(*mut RawSock $(, $raw)*) $(-> $ret)?>,)*
            pub name: [u8; NAME_MAX + 1],
            pub flags: u32,
        }

        /// A table without callbacks.
        pub const NO_OPS: RawOps = RawOps {
            $($member: None,)*
            name: [0; NAME_MAX + 1],
            flags: 0,
        };
    };
}

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
            /// The window that the receiver offers.
            snd_wnd: u32 as Bytes = tcp_sock, [snd_wnd];
            /// Bytes that were ever sent, retransmissions included.
            bytes_sent: u64 as Bytes64 = tcp_sock, [bytes_sent];
            /// Bytes that were ever acknowledged.
            bytes_acked: u64 as Bytes64 = tcp_sock, [bytes_acked];
            /// The end of the data that the application has written.
            write_seq: u32 as SeqNo = tcp_sock, [write_seq];
            /// `snd_nxt` when the current recovery began.
            high_seq: u32 as SeqNo = tcp_sock, [high_seq];
            /// The next sequence number that is expected.
            rcv_nxt: u32 as SeqNo = tcp_sock, [rcv_nxt];
            /// The timestamp that the last packet brought.
            rcv_tsval: u32 as Timestamp = tcp_sock, [rx_opt.rcv_tsval];
            /// The one of ours that it echoed.
            rcv_tsecr: u32 as Timestamp = tcp_sock, [rx_opt.rcv_tsecr];
            /// When data was last sent.
            lsndtime: u32 as Jiffies32 = tcp_sock, [lsndtime];
            /// The time of the packet that is being sent or received.
            tcp_mstamp: u64 as Micros64 = tcp_sock, [tcp_mstamp];
            /// The clock as last read.
            tcp_clock_cache: u64 as Nanos64 = tcp_sock, [tcp_clock_cache];
            /// When the next packet may leave.
            tcp_wstamp_ns: u64 as Nanos64 = tcp_sock, [tcp_wstamp_ns];
            /// The smoothed RTT in eighths of a microsecond; 0 before the first sample.
            srtt_us: u32 = tcp_sock, [srtt_us];
            /// The mean deviation of the RTT in quarters of a microsecond.
            mdev_us: u32 = tcp_sock, [mdev_us];
            /// The least RTT of the last `net.ipv4.tcp_min_rtt_wlen` seconds in microseconds; all
            /// ones before the first sample.
            min_rtt_us: u32 = tcp_sock, [rtt_min.s[0].v];
            /// The maximum segment size.
            mss_cache: u32 as Bytes = tcp_sock, [mss_cache];
            /// The upper bound of the pacing rate (`SO_MAX_PACING_RATE`).
            sk_max_pacing_rate: u64 as BytesPerSec = sock, [sk_max_pacing_rate], shared;
            /// The pacing rate.
            sk_pacing_rate: u64 as BytesPerSec = sock, [sk_pacing_rate], shared;
            /// `sk_pacing_rate >> sk_pacing_shift` bytes may be queued below TCP.
            sk_pacing_shift: u8 as u8 = sock, [sk_pacing_shift], shared;
            /// The largest packet that may be handed to the device.
            sk_gso_max_size: u32 as Bytes = sock, [sk_gso_max_size];
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
            /// Time that sending the packets took.
            rate_snd_interval_us: u32 as Usecs64 = snd_interval_us;
            /// Time that their ACKs took to arrive.
            rate_rcv_interval_us: u32 as Usecs64 = rcv_interval_us;
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
