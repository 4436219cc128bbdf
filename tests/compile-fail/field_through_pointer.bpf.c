// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	struct socket *socket = sk->sk_socket;

	if (socket)
		socket->flags = 0;
#endif
	return tcp_reno_ssthresh(sk);
}
