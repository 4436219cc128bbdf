// SPDX-License-Identifier: GPL-2.0-only
/* refused: cannot call kernel function from non-GPL compatible program */

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tcp_rkinds_kfuncs.h"

char _license[] SEC("license") = "Proprietary";

SEC("tc")
int odd(struct __sk_buff *skb)
{
	return rkinds_odd(3);
}
