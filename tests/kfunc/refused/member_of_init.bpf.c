// SPDX-License-Identifier: GPL-2.0-only
/* refused: calling kernel function rdctcp_init is not allowed */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rdctcp_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	return 2;
}

/* Where the table of a socket is not to be changed. */
SEC("struct_ops")
void BPF_PROG(pkts_acked, struct sock *sk, const struct ack_sample *sample)
{
	rdctcp_init(sk);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.ssthresh = (void *)ssthresh,
	.pkts_acked = (void *)pkts_acked,
	.name = "wrong",
};
