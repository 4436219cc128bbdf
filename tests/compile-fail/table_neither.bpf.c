// SPDX-License-Identifier: GPL-2.0-only

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
#ifdef RIGHT
	.cong_avoid = (void *)reno_cong_avoid,
#endif
	.ssthresh = (void *)reno_ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
	.name = "wrong",
};
