// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls in C of a function that is exported by C, and of one that is exported by Rust: to
 * see that they cost the same. A BPF program calls these, and is timed.
 */

#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>

#include "ckinds.h"
#include <tcp_rkinds_kfuncs.h>

__bpf_kfunc_start_defs();

__bpf_kfunc u64 ccalls_to_c(u64 a, u32 times)
{
	while (times--)
		a = ckinds_same(a);
	return a;
}

__bpf_kfunc u64 ccalls_to_rust(u64 a, u32 times)
{
	while (times--)
		a = rkinds_same(a);
	return a;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(ccalls_ids)
BTF_ID_FLAGS(func, ccalls_to_c)
BTF_ID_FLAGS(func, ccalls_to_rust)
BTF_KFUNCS_END(ccalls_ids)

static const struct btf_kfunc_id_set ccalls_set = {
	.owner = THIS_MODULE,
	.set = &ccalls_ids,
};

static int __init ccalls_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_SCHED_CLS, &ccalls_set);
}

static void __exit ccalls_exit(void)
{
}

module_init(ccalls_init);
module_exit(ccalls_exit);

MODULE_AUTHOR("The ferrops authors");
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Calls of exported functions in C");
