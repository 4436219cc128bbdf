// SPDX-License-Identifier: GPL-2.0-only
/* Adds an entry to a list it is on already. */

#include <linux/list.h>
#include <linux/module.h>

static LIST_HEAD(list);
static LIST_HEAD(entry);

static int __init plant(void)
{
	list_add(&entry, &list);
	list_add(&entry, &list);
	return 0;
}
module_init(plant);

MODULE_DESCRIPTION("A seeded bug");
MODULE_LICENSE("GPL");
