// SPDX-License-Identifier: GPL-2.0-only
/* refused: unbounded memory access */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rkinds_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("tc")
int sum(struct __sk_buff *skb)
{
	u64 bytes[4] = {};

	return rkinds_sum(bytes, bpf_get_prandom_u32());
}
