// SPDX-License-Identifier: GPL-2.0-only
/*
 * A scheduler that calls a kfunc of tcp_rparts: such a function is not TCP's alone. One
 * queue for all processors; the more tasks wait in it, the shorter is a task's turn, by
 * the cube root of their number.
 *
 *     insmod tcp_rparts.ko
 *     bpftool struct_ops register scx_rparts.bpf.o /sys/fs/bpf
 *     cat /sys/kernel/sched_ext/root/ops
 */

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rparts_kfuncs.h"

#define QUEUE 0

char _license[] SEC("license") = "GPL";

/* How often the kfunc was called, for who wants to see it: bpftool map dump. */
u64 turns;

SEC("struct_ops.s")
s32 BPF_PROG(init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SEC("struct_ops")
void BPF_PROG(enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 waiting = scx_bpf_dsq_nr_queued(QUEUE);
	u32 parts = rparts_cubic_root(waiting > 0 ? waiting : 0) + 1;

	__sync_fetch_and_add(&turns, 1);
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL / parts, enq_flags);
}

SEC("struct_ops")
void BPF_PROG(dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

SEC(".struct_ops.link")
struct sched_ext_ops scx_rparts = {
	.init = (void *)init,
	.enqueue = (void *)enqueue,
	.dispatch = (void *)dispatch,
	.name = "rparts",
};
