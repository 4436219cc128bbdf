// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	tcp_sk(sk)->mss_cache = 1460;
#endif
	return tcp_reno_ssthresh(sk);
}
