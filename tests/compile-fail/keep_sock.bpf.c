// SPDX-License-Identifier: GPL-2.0-only

__u64 before;

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	struct sock *last = (struct sock *)before;

	before = (__u64)sk;
	if (last)
		return tcp_sk(last)->snd_cwnd;
#endif
	return tcp_reno_ssthresh(sk);
}
