// SPDX-License-Identifier: GPL-2.0-only
/* refused: func_proto .* incompatible with */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

extern bool rkinds_odd(u64 a, u64 b) __ksym;

SEC("tc")
int odd(struct __sk_buff *skb)
{
	return rkinds_odd(3, 4);
}
