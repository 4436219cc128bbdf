// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls the kfuncs of tcp_rkinds. Each program returns 0 if it got what it should, or
 * the number of what it did not get. Declared here, and not from the header: with
 * arguments of 64 bits, to pass more than there should be.
 */

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

extern u64 rkinds_narrow(u64 a, u64 b, u64 c, u64 d, u64 e) __ksym;
extern s64 rkinds_wide(u64 a, u64 b, u64 c, s64 d) __ksym;
extern s8 rkinds_negative(s64 a) __ksym;
extern bool rkinds_odd(u64 a) __ksym;
extern u32 rkinds_sum(const void *mem, u32 mem__sz) __ksym;
extern u32 rkinds_copy(const void *from, u32 from__sz, void *to, u32 to__sz) __ksym;

/* Not known to the compiler or to the verifier. */
static u64 unknown(u64 value)
{
	return bpf_get_prandom_u32() == 0x5eed ? value + 1 : value;
}

#define DIRT 0xdddddddd00000000

SEC("tc")
int narrow(struct __sk_buff *skb)
{
	if (rkinds_narrow(unknown(1), unknown(2), unknown(3), unknown(4), unknown(1)) !=
	    0x0001000400030201)
		return 1;
	/* What is above the bits of the type does not count. */
	if (rkinds_narrow(unknown(DIRT | 0xff01), unknown(DIRT | 0xff02), unknown(DIRT | 0xff0003),
			  unknown(DIRT | 0xff0004), unknown(DIRT | 0x100)) != 0x0000000400030201)
		return 2;
	/* A bool is any value. */
	if (rkinds_narrow(0, 0, 0, 0, unknown(2)) != 0x0001000000000000)
		return 3;
	if (rkinds_narrow(0, unknown(-1), 0, unknown(-2), unknown(255)) != 0x0001fffe0000ff00)
		return 4;
	return 0;
}

SEC("tc")
int wide(struct __sk_buff *skb)
{
	if (rkinds_wide(unknown(DIRT | 1), unknown(DIRT | 0xffffffff), unknown(1ULL << 40),
			-(1LL << 41)) != -(1LL << 40))
		return 1;
	return 0;
}

SEC("tc")
int results(struct __sk_buff *skb)
{
	if (rkinds_negative(unknown(0x1ff)) != -1 || rkinds_negative(unknown(0x100)) != 0)
		return 1;
	if (!rkinds_odd(unknown(3)) || rkinds_odd(unknown(2)))
		return 2;
	if (!rkinds_odd(unknown(DIRT | 0x103)) || rkinds_odd(unknown(DIRT | 0x102)))
		return 3;
	return 0;
}

SEC("tc")
int buffers(struct __sk_buff *skb)
{
	u8 from[20], to[20] = {};
	int i;

	for (i = 0; i < sizeof(from); i++)
		from[i] = i;
	if (rkinds_sum(from, sizeof(from)) != 120 || rkinds_sum(from, 3) != 3)
		return 1;
	if (rkinds_copy(from, 5, to, sizeof(to)) != 5 || to[4] != 4 || to[5])
		return 2;
	if (rkinds_copy(from, sizeof(from), to, 7) != 7 || to[6] != 6 || to[7])
		return 3;
	/* The same memory twice. */
	if (rkinds_copy(from + 1, 10, from, 10) != 10 || from[9] != 10)
		return 4;
	return 0;
}
