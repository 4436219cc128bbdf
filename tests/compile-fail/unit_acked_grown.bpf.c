// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
void BPF_PROG(cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
#ifndef RIGHT
	acked += acked;
#endif
	tcp_reno_cong_avoid(sk, ack, acked);
}
