// SPDX-License-Identifier: GPL-2.0-only
#include "algorithm.bpf.h"

SEC("?struct_ops")
void BPF_PROG(cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
#ifndef RIGHT
	acked += acked;
#endif
	tcp_reno_cong_avoid(sk, ack, acked);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.cong_avoid = (void *)cong_avoid,
	.ssthresh = (void *)reno_ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
	.name = "wrong",
};

char _license[] SEC("license") = "GPL";
