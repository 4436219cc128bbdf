// SPDX-License-Identifier: GPL-2.0-only
/* refused: calling kernel function rdctcp_cwnd_event is not allowed */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rdctcp_kfuncs.h"

char _license[] SEC("license") = "GPL";

/* The event may send an ACK, and one that is dropped gets to tcp_enter_cwr(): back to this. */
SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	rdctcp_cwnd_event(sk, CA_EVENT_ECN_IS_CE);
	return 2;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.ssthresh = (void *)ssthresh,
	.name = "wrong",
};
