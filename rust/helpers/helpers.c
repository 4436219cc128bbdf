// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Rust cannot reach through bindgen: a macro over per-CPU data, an inline
 * function over both families of sockets, functions that differ between kernels.
 * Linked into every module, like the kernel's own rust/helpers.
 */

#include <linux/delay.h>
#include <linux/module.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "helpers.h"

__visible void ferrops_net_add_stats(struct sock *sk, unsigned int mib, unsigned int value)
{
	/* Also tells the compiler that the index needs no bounds check of its own. */
	if (mib < __LINUX_MIB_MAX)
		NET_ADD_STATS(sock_net(sk), mib, value);
}

__visible void ferrops_send_ack(struct sock *sk, u32 rcv_nxt)
{
	__tcp_send_ack(sk, rcv_nxt, 0);
}

__visible void ferrops_ecn_dontxmit(struct sock *sk)
{
	INET_ECN_dontxmit(sk);
}

__visible void ferrops_wait_for_users(struct module *owner)
{
#ifdef CONFIG_MODULE_UNLOAD
	/* One reference is that of the module's own initialisation. */
	while (module_refcount(owner) > 1)
		msleep(20);
#endif
}
