// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	__u32 *memory = ca(sk);

	return tcp_sk(sk)->snd_cwnd / *memory;
#endif
	return tcp_reno_ssthresh(sk);
}
