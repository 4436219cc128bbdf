// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table whose private state is never what the kfuncs expect: before each call it is
 * filled with random bytes.
 */

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rbic_kfuncs.h"
#include "tcp_rcubic_kfuncs.h"

char _license[] SEC("license") = "GPL";

static void scramble(struct sock *sk)
{
	u64 *state = ((struct inet_connection_sock *)sk)->icsk_ca_priv;
	u32 kind = bpf_get_prandom_u32();
	int i;

	for (i = 0; i < 13; i++) {
		u64 random = (u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32();

		state[i] = kind % 4 == 0 ? 0 : kind % 4 == 1 ? ~0ULL : random;
	}
}

SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	scramble(sk);
	return bpf_get_prandom_u32() % 2 ? rcubic_recalc_ssthresh(sk) : rbic_recalc_ssthresh(sk);
}

SEC("struct_ops")
void BPF_PROG(cong_avoid, struct sock *sk, u32 ack, u32 acked)
{
	scramble(sk);
	rcubic_cong_avoid(sk, ack, acked);
	scramble(sk);
	rbic_cong_avoid(sk, ack, acked);
	scramble(sk);
	rcubic_cwnd_event_tx_start(sk);
}

SEC("struct_ops")
void BPF_PROG(set_state, struct sock *sk, u8 new_state)
{
	scramble(sk);
	rcubic_state(sk, new_state);
	rbic_state(sk, new_state);
}

SEC("struct_ops")
u32 BPF_PROG(undo_cwnd, struct sock *sk)
{
	return rcubic_undo_cwnd(sk);
}

SEC("struct_ops")
void BPF_PROG(pkts_acked, struct sock *sk, const struct ack_sample *sample)
{
	scramble(sk);
	rcubic_acked(sk, sample);
	scramble(sk);
	rbic_acked(sk, sample);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops random_state = {
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)cong_avoid,
	.set_state = (void *)set_state,
	.undo_cwnd = (void *)undo_cwnd,
	.pkts_acked = (void *)pkts_acked,
	.name = "random_state",
};
