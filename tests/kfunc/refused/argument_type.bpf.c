// SPDX-License-Identifier: GPL-2.0-only
/* refused: func_proto .* incompatible with */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

extern void rcubic_init(u64 sk) __ksym;

SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	rcubic_init(7);
	return 2;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.ssthresh = (void *)ssthresh,
	.name = "wrong",
};
