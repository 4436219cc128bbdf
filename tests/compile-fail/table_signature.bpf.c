// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
void BPF_PROG(pkts_acked, struct sock *sk, const struct ack_sample *sample, __u32 more)
{
#ifdef RIGHT
	tcp_sk(sk)->snd_cwnd_cnt = 0;
#else
	tcp_sk(sk)->snd_cwnd_cnt = more;
#endif
}
