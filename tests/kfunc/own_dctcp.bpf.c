// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table of a program's own on the callbacks of tcp_rdctcp. It does not ask for ECN, so
 * `rdctcp_init` is called where it would hand the socket over to Reno, if it were its own.
 */

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rdctcp_kfuncs.h"

char _license[] SEC("license") = "GPL";

extern void tcp_reno_cong_avoid(struct sock *sk, u32 ack, u32 acked) __ksym;

SEC("struct_ops")
void BPF_PROG(init, struct sock *sk)
{
	rdctcp_init(sk);
}

SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	return rdctcp_ssthresh(sk);
}

SEC("struct_ops")
void BPF_PROG(cong_avoid, struct sock *sk, u32 ack, u32 acked)
{
	tcp_reno_cong_avoid(sk, ack, acked);
}

SEC("struct_ops")
void BPF_PROG(set_state, struct sock *sk, u8 new_state)
{
	rdctcp_state(sk, new_state);
}

SEC("struct_ops")
void BPF_PROG(cwnd_event, struct sock *sk, enum tcp_ca_event event)
{
	rdctcp_cwnd_event(sk, event);
}

SEC("struct_ops")
void BPF_PROG(cwnd_event_tx_start, struct sock *sk)
{
	rdctcp_cwnd_event_tx_start(sk);
}

SEC("struct_ops")
void BPF_PROG(in_ack_event, struct sock *sk, u32 flags)
{
	rdctcp_update_alpha(sk, flags);
}

SEC("struct_ops")
u32 BPF_PROG(undo_cwnd, struct sock *sk)
{
	return rdctcp_cwnd_undo(sk);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops own_dctcp = {
	.init = (void *)init,
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)cong_avoid,
	.set_state = (void *)set_state,
	.cwnd_event = (void *)cwnd_event,
	.cwnd_event_tx_start = (void *)cwnd_event_tx_start,
	.in_ack_event = (void *)in_ack_event,
	.undo_cwnd = (void *)undo_cwnd,
	.name = "own_dctcp",
};
