// SPDX-License-Identifier: GPL-2.0-only
#include "algorithm.bpf.h"

__u32 losses;

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	losses++;
#endif
	return tcp_reno_ssthresh(sk);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.cong_avoid = (void *)reno_cong_avoid,
	.ssthresh = (void *)ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
	.name = "wrong",
};

char _license[] SEC("license") = "GPL";
