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
	NET_ADD_STATS(sock_net(sk), mib, value);
}
