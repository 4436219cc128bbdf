// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
size_t BPF_PROG(get_info, struct sock *sk, __u32 ext, int *attr, union tcp_cc_info *info)
{
	*(__u32 *)ca(sk) = 0;
	return 0;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.cong_avoid = (void *)reno_cong_avoid,
	.ssthresh = (void *)reno_ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
#ifndef RIGHT
	.get_info = (void *)get_info,
#endif
	.name = "wrong",
};
