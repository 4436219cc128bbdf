// SPDX-License-Identifier: GPL-2.0-only
/*
 * CUBIC in BPF, of which the kernel module tcp_rcubic does all the work: each program
 * calls the Rust callback of its name. It decides what rcubic decides, and shows where
 * a program of one's own would differ.
 *
 *     insmod tcp_rcubic.ko
 *     bpftool struct_ops register bpf_rcubic.bpf.o /sys/fs/bpf
 *     sysctl net.ipv4.tcp_congestion_control=bpf_rcubic
 */

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rcubic_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("struct_ops")
void BPF_PROG(init, struct sock *sk)
{
	rcubic_init(sk);
}

SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	return rcubic_recalc_ssthresh(sk);
}

SEC("struct_ops")
void BPF_PROG(cong_avoid, struct sock *sk, u32 ack, u32 acked)
{
	rcubic_cong_avoid(sk, ack, acked);
}

SEC("struct_ops")
void BPF_PROG(set_state, struct sock *sk, u8 new_state)
{
	rcubic_state(sk, new_state);
}

SEC("struct_ops")
u32 BPF_PROG(undo_cwnd, struct sock *sk)
{
	return rcubic_undo_cwnd(sk);
}

SEC("struct_ops")
void BPF_PROG(cwnd_event_tx_start, struct sock *sk)
{
	rcubic_cwnd_event_tx_start(sk);
}

SEC("struct_ops")
void BPF_PROG(pkts_acked, struct sock *sk, const struct ack_sample *sample)
{
	rcubic_acked(sk, sample);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops bpf_rcubic = {
	.init = (void *)init,
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)cong_avoid,
	.set_state = (void *)set_state,
	.undo_cwnd = (void *)undo_cwnd,
	.cwnd_event_tx_start = (void *)cwnd_event_tx_start,
	.pkts_acked = (void *)pkts_acked,
	.name = "bpf_rcubic",
};
