// SPDX-License-Identifier: GPL-2.0-only

const __u32 gain[4] = { 5, 3, 4, 4 };

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifdef RIGHT
	return tcp_sk(sk)->snd_cwnd * gain[tcp_sk(sk)->delivered & 3];
#else
	return tcp_sk(sk)->snd_cwnd * gain[tcp_sk(sk)->delivered];
#endif
}
