// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
void BPF_PROG(set_state, struct sock *sk, __u8 new_state)
{
#ifdef RIGHT
	if (new_state == TCP_CA_Loss)
#else
	if (new_state == CA_EVENT_LOSS)
#endif
		tcp_sk(sk)->snd_cwnd_cnt = 0;
}
