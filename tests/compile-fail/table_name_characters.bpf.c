// SPDX-License-Identifier: GPL-2.0-only

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.cong_avoid = (void *)reno_cong_avoid,
	.ssthresh = (void *)reno_ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
#ifdef RIGHT
	.name = "wrong",
#else
	.name = "two words",
#endif
};
