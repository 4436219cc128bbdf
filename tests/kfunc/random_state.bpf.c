// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table that hands its kfuncs what they do not expect: a private state of random bytes,
 * numbers of which the kernel would have smaller ones, samples that the program made up.
 */

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rbic_kfuncs.h"
#include "tcp_rcubic_kfuncs.h"
#include "tcp_rdctcp_kfuncs.h"
#include "tcp_rkinds_kfuncs.h"
#include "tcp_rreno_kfuncs.h"
#include "random.bpf.h"

char _license[] SEC("license") = "GPL";

/* Calls with a sample that was made up, and those after which a `bool` was neither 0 nor 1. */
u64 made_up, neither;

/* What the kernel says, or with which the window would wrap to 0, or any number. */
static u32 packets(struct sock *sk, u32 number)
{
	u32 random = bpf_get_prandom_u32();

	return random % 4 == 0 ? -((struct tcp_sock *)sk)->snd_cwnd :
	       random % 4 == 1 ? random : number;
}

SEC("struct_ops")
void BPF_PROG(init, struct sock *sk)
{
	scramble(sk);
	rbic_init(sk);
	scramble(sk);
	rcubic_init(sk);
	scramble(sk);
	rdctcp_init(sk);
}

/* Once as the event that it is, and once as any: among them are those that send an ACK. */
SEC("struct_ops")
void BPF_PROG(cwnd_event, struct sock *sk, enum tcp_ca_event event)
{
	scramble(sk);
	rdctcp_cwnd_event(sk, event);
	scramble(sk);
	rdctcp_cwnd_event(sk, bpf_get_prandom_u32() % 8);
}

SEC("struct_ops")
void BPF_PROG(cwnd_event_tx_start, struct sock *sk)
{
	scramble(sk);
	rcubic_cwnd_event_tx_start(sk);
	scramble(sk);
	rdctcp_cwnd_event_tx_start(sk);
}

SEC("struct_ops")
void BPF_PROG(in_ack_event, struct sock *sk, u32 flags)
{
	scramble(sk);
	rdctcp_update_alpha(sk, flags);
}

SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	u32 random = bpf_get_prandom_u32() % 4;

	scramble(sk);
	return random == 0 ? rcubic_recalc_ssthresh(sk) :
	       random == 1 ? rbic_recalc_ssthresh(sk) :
	       random == 2 ? rdctcp_ssthresh(sk) : rreno_ssthresh(sk);
}

SEC("struct_ops")
void BPF_PROG(cong_avoid, struct sock *sk, u32 ack, u32 acked)
{
	scramble(sk);
	rcubic_cong_avoid(sk, ack, packets(sk, acked));
	scramble(sk);
	rbic_cong_avoid(sk, ack, packets(sk, acked));
	scramble(sk);
	rreno_cong_avoid(sk, ack, packets(sk, acked));
}

SEC("struct_ops")
void BPF_PROG(set_state, struct sock *sk, u8 new_state)
{
	scramble(sk);
	rcubic_state(sk, new_state);
	rbic_state(sk, new_state);
	rdctcp_state(sk, new_state);
	scramble(sk);
	rcubic_state(sk, bpf_get_prandom_u32());
	rbic_state(sk, bpf_get_prandom_u32());
	rdctcp_state(sk, bpf_get_prandom_u32());
}

SEC("struct_ops")
u32 BPF_PROG(undo_cwnd, struct sock *sk)
{
	scramble(sk);
	switch (bpf_get_prandom_u32() % 3) {
	case 0:
		return rcubic_undo_cwnd(sk);
	case 1:
		return rdctcp_cwnd_undo(sk);
	default:
		return rbic_undo_cwnd(sk);
	}
}

SEC("struct_ops")
void BPF_PROG(pkts_acked, struct sock *sk, const struct ack_sample *sample)
{
	scramble(sk);
	rcubic_acked(sk, sample);
	scramble(sk);
	rbic_acked(sk, sample);

	/* Any bytes of a program's own will do as a sample, at any address. */
	char bytes[sizeof(struct rate_sample) + 1];

	make_up(bytes, sizeof(bytes));
	scramble(sk);
	rcubic_acked(sk, (struct ack_sample *)&bytes[1]);
	rbic_acked(sk, (struct ack_sample *)&bytes[2]);
	if (rkinds_flags((struct rate_sample *)&bytes[1]) > 7)
		neither++;
	made_up++;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops random_state = {
	.init = (void *)init,
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)cong_avoid,
	.set_state = (void *)set_state,
	.undo_cwnd = (void *)undo_cwnd,
	.cwnd_event = (void *)cwnd_event,
	.cwnd_event_tx_start = (void *)cwnd_event_tx_start,
	.in_ack_event = (void *)in_ack_event,
	.pkts_acked = (void *)pkts_acked,
	.name = "random_state",
};
