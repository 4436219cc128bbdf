// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	struct {
		__u64 filler;
		__u32 value;
	} *other = ca(sk);

	other->value = 1;
#endif
	return tcp_reno_ssthresh(sk);
}
