// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	bpf_tcp_send_ack(tcp_sk(sk), tcp_sk(sk)->rcv_nxt);
#endif
	return tcp_reno_ssthresh(sk);
}
