// SPDX-License-Identifier: GPL-2.0-only
/* Shifts by more than the width. */

#include <linux/module.h>

static int width = 40;

static int __init plant(void)
{
	pr_info("%d\n", 1 << READ_ONCE(width));
	return 0;
}
module_init(plant);

MODULE_DESCRIPTION("A seeded bug");
MODULE_LICENSE("GPL");
