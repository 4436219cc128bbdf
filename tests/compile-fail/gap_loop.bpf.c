// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	while (bpf_get_prandom_u32() != 1)
		;
#endif
	return tcp_reno_ssthresh(sk);
}
