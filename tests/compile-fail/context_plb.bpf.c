// SPDX-License-Identifier: GPL-2.0-only

void tcp_plb_check_rehash(struct sock *sk, struct tcp_plb_state *plb) __ksym;

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	tcp_plb_check_rehash(sk, ca(sk));
#endif
	return tcp_reno_ssthresh(sk);
}
