// SPDX-License-Identifier: GPL-2.0-only
/* refused: calling kernel function rcubic_recalc_ssthresh is not allowed */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rcubic_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("fentry/tcp_slow_start")
int BPF_PROG(traced, struct sock *sk)
{
	return rcubic_recalc_ssthresh(sk);
}
