// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	tcp_sk(sk)->srtt_us = 0;
#endif
	return tcp_reno_ssthresh(sk);
}
