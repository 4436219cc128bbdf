// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	if (bpf_jiffies64() - tcp_sk(sk)->lsndtime > 1000000)
		return tcp_sk(sk)->snd_cwnd / 4;
#endif
	return tcp_reno_ssthresh(sk);
}
