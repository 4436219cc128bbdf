// SPDX-License-Identifier: GPL-2.0-only
/* Destroys a cache with an object of it still in use. */

#include <linux/module.h>
#include <linux/slab.h>

static int __init plant(void)
{
	struct kmem_cache *cache = kmem_cache_create("seeded", 64, 0, 0, NULL);

	if (!cache)
		return -ENOMEM;
	if (!kmem_cache_alloc(cache, GFP_KERNEL))
		return -ENOMEM;
	kmem_cache_destroy(cache);
	return 0;
}
module_init(plant);

MODULE_DESCRIPTION("A seeded bug");
MODULE_LICENSE("GPL");
