// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Rust cannot reach through bindgen, because it is a macro over per-CPU
 * data. Linked into every module, like the kernel's own rust/helpers.
 */

#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "helpers.h"

__visible void ferrops_net_add_stats(struct sock *sk, unsigned int mib, unsigned int value)
{
	/* Also tells the compiler that the index needs no bounds check of its own. */
	if (mib < __LINUX_MIB_MAX)
		NET_ADD_STATS(sock_net(sk), mib, value);
}
