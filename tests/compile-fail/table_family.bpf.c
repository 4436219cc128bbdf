// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
void BPF_PROG(cong_control, struct sock *sk, __u32 ack, int flag, const struct rate_sample *rs)
{
	tcp_sk(sk)->snd_cwnd_cnt = rs->losses;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
#ifdef RIGHT
	.cong_control = (void *)cong_control,
#else
	.cong_avoid = (void *)cong_control,
#endif
	.ssthresh = (void *)reno_ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
	.name = "wrong",
};
