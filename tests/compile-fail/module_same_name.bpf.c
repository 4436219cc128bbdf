// SPDX-License-Identifier: GPL-2.0-only

SEC(".struct_ops.link")
struct tcp_congestion_ops first = {
	.cong_avoid = (void *)reno_cong_avoid,
	.ssthresh = (void *)reno_ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
	.name = "first",
};

SEC(".struct_ops.link")
struct tcp_congestion_ops second = {
	.cong_avoid = (void *)reno_cong_avoid,
	.ssthresh = (void *)reno_ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
#ifdef RIGHT
	.name = "second",
#else
	.name = "first",
#endif
};
