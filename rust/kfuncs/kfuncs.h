/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What scripts/kfuncs writes for a module is C on top of this: for each kfunc its
 * prototype, for each kind of program a set of them, and how to register it all.
 *
 * The function itself is in Rust, under the kfunc's name. BTF is made of the debug
 * information of C functions, so there is an empty one of that name, as the source
 * has it; the symbol of it is another, and its memory goes when the module is loaded.
 * Every call thus goes to Rust, without a step in between.
 */
#ifndef _FERROPS_KFUNCS_H
#define _FERROPS_KFUNCS_H

#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/string.h>
#include <net/tcp.h>

/* A kfunc for the programs of some tables only. */
struct ferrops_limit {
	/* Where it is. */
	const void *function;
	/* The tables, struct NAME; NULL ends them. */
	const char *const *tables;
};

#if defined(CONFIG_BPF_SYSCALL) && defined(CONFIG_DEBUG_INFO_BTF_MODULES)

static inline int ferrops_is_for(const struct bpf_prog *prog, const struct ferrops_limit *limit)
{
	const char *const *table;

	for (table = limit->tables; *table; table++)
		if (!strcmp(*table, prog->aux->st_ops->name))
			return 0;
	return -EACCES;
}

/*
 * The filter of a set: whether a struct_ops program may call the kfunc with the BTF id `id`.
 *
 * The id is of no use by itself. It is the running kernel's, and what the build wrote into
 * .BTF_ids is not: the kernel corrects that in a copy of its own. Which function is meant, the
 * verifier's list of the program's kfuncs tells.
 */
static inline int ferrops_may_call(const struct bpf_prog *prog, u32 id,
				   const struct ferrops_limit *limits)
{
	const struct ferrops_limit *limit;

	/* A program that replaces a function of another one (freplace) has no table to go by. */
	if (prog->type != BPF_PROG_TYPE_STRUCT_OPS)
		return -EACCES;
	/* The verifier may ask a first time before it knows what table a program is for. */
	if (!prog->aux->st_ops)
		return 0;
#ifdef FERROPS_KFUNC_DESCS
	const struct bpf_kfunc_desc_tab *tab = prog->aux->kfunc_tab;
	u32 i;

	for (i = 0; tab && i < tab->nr_descs; i++) {
		if (tab->descs[i].func_id != id)
			continue;
		for (limit = limits; limit->function; limit++)
			if (tab->descs[i].addr == (unsigned long)limit->function)
				return ferrops_is_for(prog, limit);
	}
	return 0;
#else
	/* In older kernels nobody but the verifier sees that list: then all limits are the same. */
	return ferrops_is_for(prog, limits);
#endif
}

static int __init ferrops_register_set(enum bpf_prog_type type, const char *name,
				       const struct btf_kfunc_id_set *set)
{
	int err = register_btf_kfunc_id_set(type, set);

	if (err)
		pr_err("%s: error: the kernel does not take the kfuncs for %s programs: %pe\n",
		       KBUILD_MODNAME, name, ERR_PTR(err));
	return err;
}

/* Whether programs can find kfuncs at all. The kernel itself would not say that they cannot. */
static bool __init ferrops_has_btf(void)
{
	if (THIS_MODULE->btf_data_size)
		return true;
	pr_notice("%s: kfuncs are off: the module was built without BTF\n", KBUILD_MODNAME);
	return false;
}

#else

static bool __init ferrops_has_btf(void)
{
	pr_notice("%s: kfuncs are off: this kernel has no BPF, or no BTF of modules\n",
		  KBUILD_MODNAME);
	return false;
}

#endif

#endif
