// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	struct sock **last = ca(sk), *other = *last;

	*last = sk;
	if (other)
		return tcp_sk(other)->snd_cwnd;
#endif
	return tcp_reno_ssthresh(sk);
}
