// SPDX-License-Identifier: GPL-2.0-only
/* Writes to where nothing is. */

#include <linux/module.h>

static int *nowhere;

static int __init plant(void)
{
	WRITE_ONCE(*nowhere, 1);
	return 0;
}
module_init(plant);

MODULE_DESCRIPTION("A seeded bug");
MODULE_LICENSE("GPL");
