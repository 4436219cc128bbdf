/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MAX_TCP_HEADER, for an algorithm that uses it. It is a macro that depends on the kernel's
 * configuration, but the protocol of every TCP socket has it too: ccload runs the program below,
 * which looks at a socket. Without that it is the value of the kernel that the object was built
 * for, MAX_TCP_HEADER_HERE.
 */

u32 ferrops_max_tcp_header = MAX_TCP_HEADER_HERE;

u32 max_tcp_header(void)
{
	return ferrops_max_tcp_header;
}

SEC("?iter/tcp")
int read_max_tcp_header(struct bpf_iter__tcp *context)
{
	struct sock_common *sk = context->sk_common;
	u8 found = 1;

	if (sk && sk->skc_prot->max_header > 0) {
		ferrops_max_tcp_header = sk->skc_prot->max_header;
		/* Whoever reads a byte need not go on to the other sockets. */
		bpf_seq_write(context->meta->seq, &found, sizeof(found));
	}
	return 0;
}
