// SPDX-License-Identifier: GPL-2.0-only

__u32 losses;

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	losses++;
#endif
	return tcp_reno_ssthresh(sk);
}
