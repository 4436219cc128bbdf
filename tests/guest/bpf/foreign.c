// SPDX-License-Identifier: GPL-2.0-only
/*
 * A congestion control as somebody else may write it: the variable has another name than
 * the table in it. With WINDOW packets in flight from the start, one sees which version a
 * connection has.
 *
 *	SECTION		where the table is
 *	REFUSED		the verifier does not take ssthresh; in the line that it complains
 *			about, LETTER stands for a byte that is not UTF-8
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

extern __u32 tcp_reno_undo_cwnd(struct sock *sk) __ksym;

char terms[] SEC("license") = "GPL";

SEC("struct_ops") void init(__u64 *arguments)
{
	struct tcp_sock *tp = (struct tcp_sock *)arguments[0];

	tp->snd_cwnd = WINDOW;
}

SEC("struct_ops") __u32 ssthresh(__u64 *arguments)
{
#ifdef REFUSED
	((struct sock *)arguments[0])->sk_sndbuf = 5; /* Gr LETTER */
#endif
	return WINDOW;
}

SEC("struct_ops") void cong_avoid(__u64 *arguments)
{
}

SEC("struct_ops") __u32 undo_cwnd(__u64 *arguments)
{
	return tcp_reno_undo_cwnd((struct sock *)arguments[0]);
}

SEC(SECTION) struct tcp_congestion_ops my_variable = {
	.init = (void *)init,
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)cong_avoid,
	.undo_cwnd = (void *)undo_cwnd,
	.name = "my_cc",
};
