// SPDX-License-Identifier: GPL-2.0-only
/* Functions that do nothing are called a thousand times, from BPF, C and Rust: in virtual
 * time the difference between two programs is the number of instructions.
 */

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "tcp_rimport_kfuncs.h"
#include "tcp_rkinds_kfuncs.h"

#define CALLS 1000

extern u64 ckinds_same(u64 a) __ksym;
extern u64 ccalls_to_c(u64 a, u32 times) __ksym;
extern u64 ccalls_to_rust(u64 a, u32 times) __ksym;

char _license[] SEC("license") = "GPL";

SEC("tc")
int bpf_to_c(struct __sk_buff *skb)
{
	u64 a = skb->len;
	int i;

	for (i = 0; i < CALLS; i++)
		a = ckinds_same(a);
	return a != skb->len;
}

SEC("tc")
int bpf_to_rust(struct __sk_buff *skb)
{
	u64 a = skb->len;
	int i;

	for (i = 0; i < CALLS; i++)
		a = rkinds_same(a);
	return a != skb->len;
}

SEC("tc")
int c_to_c(struct __sk_buff *skb)
{
	return ccalls_to_c(skb->len, CALLS) != skb->len;
}

SEC("tc")
int c_to_rust(struct __sk_buff *skb)
{
	return ccalls_to_rust(skb->len, CALLS) != skb->len;
}

SEC("tc")
int rust_to_rust(struct __sk_buff *skb)
{
	return rimport_same(skb->len, CALLS) != skb->len;
}
