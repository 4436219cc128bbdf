// SPDX-License-Identifier: GPL-2.0-only
#include "algorithm.bpf.h"

SEC("?struct_ops")
void BPF_PROG(set_state, struct sock *sk, __u8 new_state)
{
#ifdef RIGHT
	if (new_state == TCP_CA_Loss)
#else
	if (new_state == CA_EVENT_LOSS)
#endif
		tcp_sk(sk)->snd_cwnd_cnt = 0;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.cong_avoid = (void *)reno_cong_avoid,
	.ssthresh = (void *)reno_ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
	.set_state = (void *)set_state,
	.name = "wrong",
};

char _license[] SEC("license") = "GPL";
