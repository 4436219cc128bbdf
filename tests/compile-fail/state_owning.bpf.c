// SPDX-License-Identifier: GPL-2.0-only

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
