// SPDX-License-Identifier: GPL-2.0-only
/* Reads the element after an array, inside of the struct that holds it. */

#include <linux/module.h>

static struct {
	int table[4];
	int after[4];
} numbers;
static int last = 4;

static int __init plant(void)
{
	pr_info("%d\n", numbers.table[READ_ONCE(last)]);
	return 0;
}
module_init(plant);

MODULE_DESCRIPTION("A seeded bug");
MODULE_LICENSE("GPL");
