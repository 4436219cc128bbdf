// SPDX-License-Identifier: GPL-2.0-only

#ifndef RIGHT
static __noinline __u32 descend(__u32 cwnd)
{
	if (cwnd < 2)
		return 2;
	return descend(cwnd / 3) * descend(cwnd / 2);
}
#endif

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	return descend(tcp_sk(sk)->snd_cwnd);
#endif
	return tcp_reno_ssthresh(sk);
}
