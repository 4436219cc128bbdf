// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same as random_state for a custom control: tcp_rbbr's callbacks get a private state
 * of random bytes, and samples that the program made up. What they make of the window and
 * of the pacing rate is not kept, so that the connection goes on.
 */

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rbbr_kfuncs.h"
#include "random.bpf.h"

#define CWND 10

char _license[] SEC("license") = "GPL";

/* Calls with a sample that was made up, and those that left no window. */
u64 made_up, no_window;

SEC("struct_ops")
void BPF_PROG(init, struct sock *sk)
{
	scramble(sk);
	rbbr_init(sk);
}

SEC("struct_ops")
void BPF_PROG(cong_control, struct sock *sk, u32 ack, int flag, const struct rate_sample *rs)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	char bytes[sizeof(struct rate_sample) + 1];

	scramble(sk);
	rbbr_main(sk, ack, flag, rs);
	make_up(bytes, sizeof(bytes));
	scramble(sk);
	rbbr_main(sk, bpf_get_prandom_u32(), bpf_get_prandom_u32(),
		  (struct rate_sample *)&bytes[1]);
	made_up++;
	if ((int)tp->snd_cwnd <= 0)
		no_window++;
	tp->snd_cwnd = CWND;
	tp->snd_ssthresh = 0x7fffffff;
	sk->sk_pacing_rate = ~0UL;
}

SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	scramble(sk);
	return rbbr_ssthresh(sk);
}

SEC("struct_ops")
u32 BPF_PROG(undo_cwnd, struct sock *sk)
{
	scramble(sk);
	rbbr_undo_cwnd(sk);
	return CWND;
}

SEC("struct_ops")
void BPF_PROG(set_state, struct sock *sk, u8 new_state)
{
	scramble(sk);
	rbbr_set_state(sk, new_state);
	scramble(sk);
	rbbr_set_state(sk, bpf_get_prandom_u32());
}

SEC("struct_ops")
void BPF_PROG(cwnd_event_tx_start, struct sock *sk)
{
	scramble(sk);
	rbbr_cwnd_event_tx_start(sk);
	sk->sk_pacing_rate = ~0UL;
}

SEC("struct_ops")
u32 BPF_PROG(min_tso_segs, struct sock *sk)
{
	scramble(sk);
	return rbbr_min_tso_segs(sk);
}

SEC("struct_ops")
u32 BPF_PROG(sndbuf_expand, struct sock *sk)
{
	scramble(sk);
	return rbbr_sndbuf_expand(sk);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops random_bbr = {
	.init = (void *)init,
	.cong_control = (void *)cong_control,
	.ssthresh = (void *)ssthresh,
	.undo_cwnd = (void *)undo_cwnd,
	.set_state = (void *)set_state,
	.cwnd_event_tx_start = (void *)cwnd_event_tx_start,
	.min_tso_segs = (void *)min_tso_segs,
	.sndbuf_expand = (void *)sndbuf_expand,
	.name = "random_bbr",
};
