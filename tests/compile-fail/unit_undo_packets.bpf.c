// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
__u32 BPF_PROG(undo_cwnd, struct sock *sk)
{
	__u32 less = tcp_sk(sk)->snd_cwnd - 10;

#ifdef RIGHT
	if (less < 1 || less > 0x7fffffff)
		less = 1;
#endif
	return less;
}
