// SPDX-License-Identifier: GPL-2.0-only
/* refused: program must be sleepable to call sleepable kfunc */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rkinds_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("tc")
int destroy(struct __sk_buff *skb)
{
	rkinds_destructive();
	return 0;
}
