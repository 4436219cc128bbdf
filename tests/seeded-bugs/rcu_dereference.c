// SPDX-License-Identifier: GPL-2.0-only
/* Dereferences outside of a reader's critical section. */

#include <linux/module.h>
#include <linux/rcupdate.h>

static int __rcu *shared;

static int __init plant(void)
{
	if (rcu_dereference(shared))
		return -EEXIST;
	return 0;
}
module_init(plant);

MODULE_DESCRIPTION("A seeded bug");
MODULE_LICENSE("GPL");
