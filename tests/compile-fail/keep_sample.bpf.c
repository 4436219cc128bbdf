// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
void BPF_PROG(pkts_acked, struct sock *sk, const struct ack_sample *sample)
{
	const struct ack_sample **last = ca(sk);
#ifndef RIGHT
	const struct ack_sample *other = *last;

	if (other)
		tcp_sk(sk)->snd_cwnd_cnt = other->pkts_acked;
#endif
	*last = sample;
}
