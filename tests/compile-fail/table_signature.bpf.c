// SPDX-License-Identifier: GPL-2.0-only
#include "algorithm.bpf.h"

SEC("?struct_ops")
void BPF_PROG(pkts_acked, struct sock *sk, const struct ack_sample *sample, __u32 more)
{
#ifdef RIGHT
	tcp_sk(sk)->snd_cwnd_cnt = 0;
#else
	tcp_sk(sk)->snd_cwnd_cnt = more;
#endif
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.cong_avoid = (void *)reno_cong_avoid,
	.ssthresh = (void *)reno_ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
	.pkts_acked = (void *)pkts_acked,
	.name = "wrong",
};

char _license[] SEC("license") = "GPL";
