// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kfunc in C, written by hand: what one in Rust is measured by.
 */

#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>

#include "ckinds.h"

__bpf_kfunc_start_defs();

__bpf_kfunc u64 ckinds_same(u64 a)
{
	return a;
}
EXPORT_SYMBOL_GPL(ckinds_same);

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(ckinds_ids)
BTF_ID_FLAGS(func, ckinds_same)
BTF_KFUNCS_END(ckinds_ids)

static const struct btf_kfunc_id_set ckinds_set = {
	.owner = THIS_MODULE,
	.set = &ckinds_ids,
};

static int __init ckinds_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_SCHED_CLS, &ckinds_set) ?:
	       register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &ckinds_set);
}

static void __exit ckinds_exit(void)
{
}

module_init(ckinds_init);
module_exit(ckinds_exit);

MODULE_AUTHOR("The ferrops authors");
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A kfunc in C");
