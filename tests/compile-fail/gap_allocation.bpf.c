// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	__u32 value = 0;

	bpf_copy_from_user(&value, sizeof(value), (void *)8);
#endif
	return tcp_reno_ssthresh(sk);
}
