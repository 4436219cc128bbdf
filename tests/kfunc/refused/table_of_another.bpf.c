// SPDX-License-Identifier: GPL-2.0-only
/* refused: calling kernel function rcubic_recalc_ssthresh is not allowed */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rcubic_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("struct_ops")
int BPF_PROG(test_1, struct bpf_dummy_ops_state *state)
{
	return rcubic_recalc_ssthresh((struct sock *)state);
}

SEC(".struct_ops.link")
struct bpf_dummy_ops wrong = {
	.test_1 = (void *)test_1,
};
