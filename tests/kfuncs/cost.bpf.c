// SPDX-License-Identifier: GPL-2.0-only
/* Calls functions that do nothing, a thousand times each: in virtual time the difference
 * between two programs is the number of instructions.
 */

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "tcp_rkinds_kfuncs.h"

#define CALLS 1000

extern u64 ckinds_same(u64 a) __ksym;

char _license[] SEC("license") = "GPL";

SEC("tc")
int to_c(struct __sk_buff *skb)
{
	u64 a = skb->len;
	int i;

	for (i = 0; i < CALLS; i++)
		a = ckinds_same(a);
	return a != skb->len;
}

SEC("tc")
int to_rust(struct __sk_buff *skb)
{
	u64 a = skb->len;
	int i;

	for (i = 0; i < CALLS; i++)
		a = rkinds_same(a);
	return a != skb->len;
}
