/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program can hand to kfuncs that the kernel would not. */
#ifndef _RANDOM_BPF_H
#define _RANDOM_BPF_H

/* Fills the private state of a socket: with nothing, with all bits, or with random bytes. */
static void scramble(struct sock *sk)
{
	u64 *state = ((struct inet_connection_sock *)sk)->icsk_ca_priv;
	u32 kind = bpf_get_prandom_u32();
	int i;

	for (i = 0; i < 13; i++) {
		u64 random = (u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32();

		state[i] = kind % 4 == 0 ? 0 : kind % 4 == 1 ? ~0ULL : random;
	}
}

/* The same for memory of a program's own. */
static __always_inline void make_up(char *bytes, u32 size)
{
	u32 i;

	for (i = 0; i < size; i++)
		bytes[i] = bpf_get_prandom_u32() % 2 ? bpf_get_prandom_u32() : 0xff;
}

#endif
