// SPDX-License-Identifier: GPL-2.0-only
/*
 * Static functions with the names of kfuncs of other modules. Where this is loaded after those
 * modules, the verifier finds these by name, under the other's prototypes.
 */

#include <linux/module.h>

static noinline __used unsigned int rcubic_recalc_ssthresh(unsigned long anything)
{
	return anything;
}

static noinline __used bool rkinds_odd(void)
{
	return true;
}

static int __init cshadow_init(void)
{
	return 0;
}

static void __exit cshadow_exit(void)
{
}

module_init(cshadow_init);
module_exit(cshadow_exit);

MODULE_AUTHOR("The ferrops authors");
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Static functions with the names of kfuncs");
