// SPDX-License-Identifier: GPL-2.0-only
#include "algorithm.bpf.h"

SEC("?struct_ops")
__u32 BPF_PROG(undo_cwnd, struct sock *sk)
{
	__u32 less = tcp_sk(sk)->snd_cwnd - 10;

#ifdef RIGHT
	if (less < 1 || less > 0x7fffffff)
		less = 1;
#endif
	return less;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.cong_avoid = (void *)reno_cong_avoid,
	.ssthresh = (void *)reno_ssthresh,
	.undo_cwnd = (void *)undo_cwnd,
	.name = "wrong",
};

char _license[] SEC("license") = "GPL";
