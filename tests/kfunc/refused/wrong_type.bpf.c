// SPDX-License-Identifier: GPL-2.0-only
/* refused: expected pointer to STRUCT sock but R1 has a pointer to STRUCT ack_sample */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rcubic_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	return 2;
}

SEC("struct_ops")
void BPF_PROG(pkts_acked, struct sock *sk, const struct ack_sample *sample)
{
	rcubic_recalc_ssthresh((struct sock *)sample);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.ssthresh = (void *)ssthresh,
	.pkts_acked = (void *)pkts_acked,
	.name = "wrong",
};
