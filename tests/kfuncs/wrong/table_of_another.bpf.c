// SPDX-License-Identifier: GPL-2.0-only
/* refused: calling kernel function rcubic_recalc_ssthresh is not allowed */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rcubic_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("struct_ops")
void BPF_PROG(enqueue, struct task_struct *p, u64 enq_flags)
{
	rcubic_recalc_ssthresh((struct sock *)p);
}

SEC(".struct_ops.link")
struct sched_ext_ops wrong = {
	.enqueue = (void *)enqueue,
	.name = "wrong",
};
