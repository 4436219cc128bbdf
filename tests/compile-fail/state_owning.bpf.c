// SPDX-License-Identifier: GPL-2.0-only
#include "algorithm.bpf.h"

struct samples {
	__u64 rtt[4];
};

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	struct samples *samples = bpf_obj_new(bpf_core_type_id_local(struct samples));

	if (samples)
		*(struct samples **)ca(sk) = samples;
#endif
	return tcp_reno_ssthresh(sk);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops wrong = {
	.cong_avoid = (void *)reno_cong_avoid,
	.ssthresh = (void *)ssthresh,
	.undo_cwnd = (void *)reno_undo_cwnd,
	.name = "wrong",
};

char _license[] SEC("license") = "GPL";
