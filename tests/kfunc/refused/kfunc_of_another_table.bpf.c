// SPDX-License-Identifier: GPL-2.0-only
/* refused: calling kernel function rkinds_of_scheduler is not allowed */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rkinds_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	return rkinds_of_scheduler(2);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.ssthresh = (void *)ssthresh,
	.name = "wrong",
};
