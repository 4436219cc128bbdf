// SPDX-License-Identifier: GPL-2.0-only
/* refused: Possibly NULL pointer passed to trusted */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rcubic_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	return rcubic_recalc_ssthresh(NULL);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.ssthresh = (void *)ssthresh,
	.name = "wrong",
};
