// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Rust cannot reach through bindgen: a macro over per-CPU data, an inline
 * function over both families of sockets, functions that differ between kernels.
 * A module gets those that it uses.
 */

#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "helpers.h"

#ifdef USES_net_add_stats
__visible void ferrops_net_add_stats(struct sock *sk, unsigned int mib, unsigned int value)
{
	/* Also tells the compiler that the index needs no bounds check of its own. */
	if (mib < __LINUX_MIB_MAX)
		NET_ADD_STATS(sock_net(sk), mib, value);
}
#endif

#ifdef USES_send_ack
/*
 * A sock_ops program that writes the ACK's options may call bpf_setsockopt(). If
 * it chose another algorithm, the callback that sends the ACK would go on with
 * that one's state; and without a reference to its module. The guard is that of
 * sol_tcp_sockopt_congestion(), which returns -EBUSY then.
 */
__visible void ferrops_send_ack(struct sock *sk, u32 rcv_nxt)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool changing = tp->bpf_chg_cc_inprogress;

	tp->bpf_chg_cc_inprogress = true;
	__tcp_send_ack(sk, rcv_nxt, 0);
	tp->bpf_chg_cc_inprogress = changing;
}
#endif

#ifdef USES_ecn_dontxmit
/* Flat, since what it is made of is smaller than the calls. */
__visible __flatten void ferrops_ecn_dontxmit(struct sock *sk)
{
	INET_ECN_dontxmit(sk);
}
#endif

#ifdef USES_base_rtt
/* A sock_ops program answers, and may call bpf_setsockopt(): as above. */
__visible int ferrops_base_rtt(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool changing = tp->bpf_chg_cc_inprogress;
	int base_rtt;

	tp->bpf_chg_cc_inprogress = true;
	base_rtt = tcp_call_bpf(sk, BPF_SOCK_OPS_BASE_RTT, 0, NULL);
	tp->bpf_chg_cc_inprogress = changing;
	return base_rtt;
}
#endif
