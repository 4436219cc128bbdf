// SPDX-License-Identifier: GPL-2.0-only
/* Stays in a reader's critical section for longer than load.sh lets RCU wait. */

#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

static int __init plant(void)
{
	unsigned long end = jiffies + 10 * HZ;

	rcu_read_lock();
	/* A stall is one only if somebody waits. */
	start_poll_synchronize_rcu();
	while (time_before(jiffies, end))
		;
	rcu_read_unlock();
	return 0;
}
module_init(plant);

MODULE_DESCRIPTION("A seeded bug");
MODULE_LICENSE("GPL");
