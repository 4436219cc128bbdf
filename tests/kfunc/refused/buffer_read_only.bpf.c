// SPDX-License-Identifier: GPL-2.0-only
/* refused: write into map forbidden|cannot write into */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rkinds_kfuncs.h"

char _license[] SEC("license") = "GPL";

static const char fixed[16] = "read only";

SEC("tc")
int copy(struct __sk_buff *skb)
{
	u64 bytes = 0;

	return rkinds_copy(&bytes, sizeof(bytes), (void *)fixed, sizeof(fixed));
}
