// SPDX-License-Identifier: GPL-2.0-only
#include "algorithm.bpf.h"

const __u32 gain[4] = { 5, 3, 4, 4 };

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifdef RIGHT
	return tcp_sk(sk)->snd_cwnd * gain[tcp_sk(sk)->delivered & 3];
#else
	return tcp_sk(sk)->snd_cwnd * gain[tcp_sk(sk)->delivered];
#endif
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.cong_avoid = (void *)reno_cong_avoid,
	.ssthresh = (void *)ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
	.name = "wrong",
};

char _license[] SEC("license") = "GPL";
