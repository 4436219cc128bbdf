// SPDX-License-Identifier: GPL-2.0-only
/*
 * What kernels that do not exist have in their BTF: a table whose callbacks are others
 * (with CALLBACKS), or events with other numbers (with EVENTS).
 */
typedef unsigned int u32;

enum tcp_ca_event {
	CA_EVENT_TX_START,
#ifdef EVENTS
	CA_EVENT_OF_ANOTHER_KERNEL,
#endif
	CA_EVENT_CWND_RESTART,
};

struct sock {
	int other;
};

struct tcp_congestion_ops {
#ifdef CALLBACKS
	u32 (*ssthresh)(struct sock *sk, u32 more);
#else
	u32 (*ssthresh)(struct sock *sk);
#endif
	void (*cwnd_event)(struct sock *sk, enum tcp_ca_event ev);
};

struct bpf_struct_ops_tcp_congestion_ops {
	struct tcp_congestion_ops data;
} table;
