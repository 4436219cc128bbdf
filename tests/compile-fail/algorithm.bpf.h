/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the wrong BPF programs have in common: Reno as callbacks, of which each
 * replaces one. Their right forms are compiled with RIGHT.
 */
#ifndef ALGORITHM_BPF_H
#define ALGORITHM_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u32 tcp_reno_ssthresh(struct sock *sk) __ksym;
void tcp_reno_cong_avoid(struct sock *sk, __u32 ack, __u32 acked) __ksym;
__u32 tcp_reno_undo_cwnd(struct sock *sk) __ksym;
__u32 tcp_slow_start(struct tcp_sock *tp, __u32 acked) __ksym;

SEC("?struct_ops")
__u32 BPF_PROG(reno_ssthresh, struct sock *sk)
{
	return tcp_reno_ssthresh(sk);
}

SEC("?struct_ops")
void BPF_PROG(reno_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	tcp_reno_cong_avoid(sk, ack, acked);
}

SEC("?struct_ops")
__u32 BPF_PROG(reno_undo_cwnd, struct sock *sk)
{
	return tcp_reno_undo_cwnd(sk);
}

/* In the kernel's BTF the type of a callback's socket: it may be read as both. */
static __always_inline struct tcp_sock *tcp_sk(struct sock *sk)
{
	return (struct tcp_sock *)sk;
}

/* The algorithm's state. */
static __always_inline void *ca(struct sock *sk)
{
	return ((struct inet_connection_sock *)sk)->icsk_ca_priv;
}

#endif
