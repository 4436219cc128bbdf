// SPDX-License-Identifier: GPL-2.0-only
/* Asks tcp_rimport what it got of the kfuncs that it calls. */

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "tcp_rimport_kfuncs.h"

char _license[] SEC("license") = "GPL";

SEC("tc")
int imports(struct __sk_buff *skb)
{
	return rimport_kinds();
}
