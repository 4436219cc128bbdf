// SPDX-License-Identifier: GPL-2.0-only
/* refused: R1 must be referenced or trusted */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rcubic_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	/* Any address may be said to be a socket's; nobody vouches for it. */
	struct sock *other = bpf_core_cast(sk, struct sock);

	return rcubic_recalc_ssthresh(other);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.ssthresh = (void *)ssthresh,
	.name = "wrong",
};
