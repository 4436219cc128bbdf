// SPDX-License-Identifier: GPL-2.0-only
/* Takes a reference to what nobody has a reference to. */

#include <linux/module.h>
#include <linux/refcount.h>

static refcount_t count = REFCOUNT_INIT(0);

static int __init plant(void)
{
	refcount_inc(&count);
	return 0;
}
module_init(plant);

MODULE_DESCRIPTION("A seeded bug");
MODULE_LICENSE("GPL");
