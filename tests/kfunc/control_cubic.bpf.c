// SPDX-License-Identifier: GPL-2.0-only
/*
 * CUBIC with a cong_control of its own, which calls the callback cong_avoid: as the kernel's
 * selftest bpf_cc_cubic does with cubictcp_cong_avoid.
 */

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rcubic_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("struct_ops")
void BPF_PROG(init, struct sock *sk)
{
	rcubic_init(sk);
}

SEC("struct_ops")
void BPF_PROG(cong_control, struct sock *sk, u32 ack, int flag, const struct rate_sample *rs)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	u32 reduced = 1 << TCP_CA_CWR | 1 << TCP_CA_Recovery;

	/* While the window is reduced, at once and not packet by packet. */
	if (reduced & 1 << ((struct inet_connection_sock *)sk)->icsk_ca_state)
		tp->snd_cwnd = tp->snd_ssthresh;
	else
		rcubic_cong_avoid(sk, ack, rs->acked_sacked);
}

SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	return rcubic_recalc_ssthresh(sk);
}

SEC("struct_ops")
void BPF_PROG(set_state, struct sock *sk, u8 new_state)
{
	rcubic_state(sk, new_state);
}

SEC("struct_ops")
u32 BPF_PROG(undo_cwnd, struct sock *sk)
{
	return rcubic_undo_cwnd(sk);
}

SEC("struct_ops")
void BPF_PROG(cwnd_event_tx_start, struct sock *sk)
{
	rcubic_cwnd_event_tx_start(sk);
}

SEC("struct_ops")
void BPF_PROG(pkts_acked, struct sock *sk, const struct ack_sample *sample)
{
	rcubic_acked(sk, sample);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops control_cubic = {
	.init = (void *)init,
	.cong_control = (void *)cong_control,
	.ssthresh = (void *)ssthresh,
	.set_state = (void *)set_state,
	.undo_cwnd = (void *)undo_cwnd,
	.cwnd_event_tx_start = (void *)cwnd_event_tx_start,
	.pkts_acked = (void *)pkts_acked,
	.name = "control_cubic",
};
