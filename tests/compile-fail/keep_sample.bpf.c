// SPDX-License-Identifier: GPL-2.0-only
#include "algorithm.bpf.h"

SEC("?struct_ops")
void BPF_PROG(pkts_acked, struct sock *sk, const struct ack_sample *sample)
{
	const struct ack_sample **last = ca(sk);
#ifndef RIGHT
	const struct ack_sample *other = *last;

	if (other)
		tcp_sk(sk)->snd_cwnd_cnt = other->pkts_acked;
#endif
	*last = sample;
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
