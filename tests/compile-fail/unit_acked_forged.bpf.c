// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
void BPF_PROG(cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
#ifndef RIGHT
	tcp_slow_start(tcp_sk(sk), 1u << 31);
#endif
	tcp_reno_cong_avoid(sk, ack, acked);
}
