// SPDX-License-Identifier: GPL-2.0-only
/*
 * A congestion control of its own, on Rust parts: it paces at the largest delivery rate
 * of the last ten round trips, and keeps two bandwidth-delay products in flight, so that
 * losses do not matter. The windowed filter and the averages are tcp_rparts's.
 *
 *     insmod tcp_rparts.ko
 *     bpftool struct_ops register bpf_rmodel.bpf.o /sys/fs/bpf
 *     sysctl net.ipv4.tcp_congestion_control=bpf_rmodel
 */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rparts_kfuncs.h"

/* Rates are in packets per microsecond, times 2^24. */
#define BW_SCALE 24
#define USEC_PER_SEC 1000000ULL

/* Round trips that the largest rate may be old. */
#define BW_WINDOW 10

/* Gains are in 1/256. Before the rate is known it doubles in each round trip: 2 / ln 2. */
#define GAIN_ONE 256
#define GAIN_STARTUP 739

/* Round trips without a quarter more after which the rate counts as known. */
#define FULL_ROUNDS 3

/* Packets in flight at least. */
#define MIN_CWND 4

char _license[] SEC("license") = "GPL";

struct model {
	/* The largest delivery rate. */
	struct minmax bw;
	/* Round trips so far, and the count of delivered packets at which this one ends. */
	u32 round;
	u32 round_ends;
	/* The rate when it last grew by a quarter, and the round trips since then. */
	u32 full_bw;
	u32 full_rounds;
	/* The moving average of the RTT, for `ss` and bpftool. */
	u32 srtt_us;
};

static struct model *model_of(struct sock *sk)
{
	return (struct model *)((struct inet_connection_sock *)sk)->icsk_ca_priv;
}

/* Faster for a round trip, slower for the next to empty the queue, then as it is. */
static u32 gain(const struct model *model)
{
	if (model->full_rounds < FULL_ROUNDS)
		return GAIN_STARTUP;
	switch (model->round % 8) {
	case 0:
		return GAIN_ONE * 5 / 4;
	case 1:
		return GAIN_ONE * 3 / 4;
	default:
		return GAIN_ONE;
	}
}

SEC("struct_ops")
void BPF_PROG(init, struct sock *sk)
{
	struct model *model = model_of(sk);

	*model = (struct model){ .round_ends = ((struct tcp_sock *)sk)->delivered };
	if (sk->sk_pacing_status == SK_PACING_NONE)
		sk->sk_pacing_status = SK_PACING_NEEDED;
}

SEC("struct_ops")
void BPF_PROG(cong_control, struct sock *sk, u32 ack, int flag, const struct rate_sample *rs)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	struct model *model = model_of(sk);
	/* A program hands memory of its own to a kfunc: a copy of what is in the socket. */
	struct minmax filter = model->bw;
	u32 bw, cwnd, min_rtt = tp->rtt_min.s[0].v;
	u64 rate;

	if (rs->delivered <= 0 || rs->interval_us <= 0)
		return;

	if ((s32)(rs->prior_delivered - model->round_ends) >= 0) {
		model->round_ends = tp->delivered;
		model->round++;
		if ((u64)filter.s[0].v * 4 >= (u64)model->full_bw * 5) {
			model->full_bw = filter.s[0].v;
			model->full_rounds = 0;
		} else if (model->full_rounds < FULL_ROUNDS) {
			model->full_rounds++;
		}
	}

	bw = ((u64)rs->delivered << BW_SCALE) / (u64)rs->interval_us;
	if (!rs->is_app_limited || bw >= filter.s[0].v)
		bw = rparts_minmax_running_max(&filter, sizeof(filter), BW_WINDOW, model->round,
					       bw);
	else
		bw = filter.s[0].v;
	model->bw = filter;
	if (rs->rtt_us > 0)
		model->srtt_us = rparts_ewma(model->srtt_us ?: rs->rtt_us, rs->rtt_us, 3);

	rate = (u64)bw * tp->mss_cache * USEC_PER_SEC >> BW_SCALE;
	rate = rate * gain(model) / GAIN_ONE;
	if (rate > sk->sk_max_pacing_rate)
		rate = sk->sk_max_pacing_rate;
	if (model->full_rounds >= FULL_ROUNDS || rate > sk->sk_pacing_rate)
		sk->sk_pacing_rate = rate;

	/* Grow by what was delivered, up to the target. */
	cwnd = tp->snd_cwnd + rs->acked_sacked;
	if (model->full_rounds >= FULL_ROUNDS) {
		u32 target = ((u64)bw * min_rtt >> BW_SCALE) * 2 + MIN_CWND;

		if (cwnd > target)
			cwnd = target;
	}
	if (cwnd < MIN_CWND)
		cwnd = MIN_CWND;
	if (cwnd > tp->snd_cwnd_clamp)
		cwnd = tp->snd_cwnd_clamp;
	tp->snd_cwnd = cwnd;
}

/* Losses do not matter. */
SEC("struct_ops")
u32 BPF_PROG(ssthresh, struct sock *sk)
{
	return ((struct tcp_sock *)sk)->snd_ssthresh;
}

SEC("struct_ops")
u32 BPF_PROG(undo_cwnd, struct sock *sk)
{
	return ((struct tcp_sock *)sk)->snd_cwnd;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops bpf_rmodel = {
	.init = (void *)init,
	.cong_control = (void *)cong_control,
	.ssthresh = (void *)ssthresh,
	.undo_cwnd = (void *)undo_cwnd,
	.name = "bpf_rmodel",
};
