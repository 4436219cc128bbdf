// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table whose programs do nothing, or nothing but a call: what it costs to get to them.
 */

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rkinds_kfuncs.h"

extern u64 ckinds_same(u64 a) __ksym;

char _license[] SEC("license") = "GPL";

SEC("struct_ops")
u32 BPF_PROG(nothing_ssthresh, struct sock *sk)
{
	return 2;
}

SEC("struct_ops")
void BPF_PROG(nothing_cong_avoid, struct sock *sk, u32 ack, u32 acked)
{
}

SEC("struct_ops")
u32 BPF_PROG(nothing_undo_cwnd, struct sock *sk)
{
	return 2;
}

SEC("struct_ops")
u32 BPF_PROG(nothing_min_tso_segs, struct sock *sk)
{
	return ckinds_same(2);
}

SEC("struct_ops")
u32 BPF_PROG(nothing_sndbuf_expand, struct sock *sk)
{
	return rkinds_same(2);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops nothing = {
	.ssthresh = (void *)nothing_ssthresh,
	.cong_avoid = (void *)nothing_cong_avoid,
	.undo_cwnd = (void *)nothing_undo_cwnd,
	.min_tso_segs = (void *)nothing_min_tso_segs,
	.sndbuf_expand = (void *)nothing_sndbuf_expand,
	.name = "bpf_nothing",
};
