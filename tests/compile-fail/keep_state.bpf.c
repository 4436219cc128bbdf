// SPDX-License-Identifier: GPL-2.0-only

__u64 before;

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	__u32 *other = (__u32 *)before;

	before = (__u64)ca(sk);
	if (other)
		*other = 0;
#endif
	return tcp_reno_ssthresh(sk);
}
