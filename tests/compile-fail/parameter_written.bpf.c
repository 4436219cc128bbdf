// SPDX-License-Identifier: GPL-2.0-only

const __u32 beta = 717;

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	__u32 *parameter = (__u32 *)&beta;

	barrier_var(parameter);
	*parameter = 512;
#endif
	return tcp_reno_ssthresh(sk) + !beta;
}
