// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
void BPF_PROG(pkts_acked, struct sock *sk, const struct ack_sample *sample)
{
	__u32 *least = ca(sk);

#ifdef RIGHT
	if (sample->rtt_us < 0)
		return;
#endif
	*least = sample->rtt_us;
}
