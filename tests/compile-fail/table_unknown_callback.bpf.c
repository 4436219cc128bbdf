// SPDX-License-Identifier: GPL-2.0-only

struct tcp_congestion_ops___wrong {
	void (*acked)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*ssthresh)(struct sock *sk);
	__u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
};

SEC("?struct_ops")
void BPF_PROG(acked, struct sock *sk)
{
}

SEC(".struct_ops.link")
struct tcp_congestion_ops___wrong wrong = {
#ifndef RIGHT
	.acked = (void *)acked,
#endif
	.cong_avoid = (void *)reno_cong_avoid,
	.ssthresh = (void *)reno_ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
	.name = "wrong",
};
