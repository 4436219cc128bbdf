// SPDX-License-Identifier: GPL-2.0-only
/* Sets a congestion window of nothing, which the kernel itself warns of. */

#include <linux/module.h>
#include <linux/slab.h>
#include <net/tcp.h>

static int __init plant(void)
{
	struct tcp_sock *tp = kzalloc(sizeof(*tp), GFP_KERNEL);

	if (!tp)
		return -ENOMEM;
	tcp_snd_cwnd_set(tp, 0);
	kfree(tp);
	return 0;
}
module_init(plant);

MODULE_DESCRIPTION("A seeded bug");
MODULE_LICENSE("GPL");
