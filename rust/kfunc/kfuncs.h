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

/*
 * Which programs of a set may call a kfunc: of struct_ops programs one entry for each table and
 * member; one of NULL where all may.
 */
struct ferrops_limit {
	/* Where the kfunc is. */
	const void *function;
	/* Programs of this table, struct NAME. */
	const char *table;
	/* Of this member, by its offset, or FERROPS_ANY. */
	u32 member;
};

#define FERROPS_ANY U32_MAX

#if defined(CONFIG_BPF_SYSCALL) && defined(CONFIG_DEBUG_INFO_BTF_MODULES)

/* Whether a program may call the kfunc of an entry. */
static inline bool ferrops_allows(const struct ferrops_limit *limit, const struct bpf_prog *prog)
{
	const struct bpf_struct_ops *st_ops = prog->aux->st_ops;

	if (!limit->table)
		return true;
	/* A program that replaces a function of another one (freplace) has no table to go by. */
	if (!st_ops)
		return false;
	/*
	 * By name, since the kernel's tables are static there. Only the kernel's own: a module may
	 * have another one of that name.
	 */
	return !st_ops->owner && !strcmp(limit->table, st_ops->name) &&
	       (limit->member == FERROPS_ANY ||
		limit->member == prog->aux->attach_st_ops_member_off);
}

/*
 * The filter of a set: whether a program may call the kfunc with the BTF id `id`.
 *
 * The id is of no use by itself. It is the running kernel's, and what the build wrote into
 * .BTF_ids is not: the kernel corrects that in a copy of its own. Which function is meant, the
 * verifier's list of the program's kfuncs tells. It has looked up the address there by name, and
 * calls that: a module that was loaded later may have a function of the same name, static or not.
 * So an address that is none of ours is refused.
 */
static inline int ferrops_filter(const struct bpf_prog *prog, u32 id,
				 const struct ferrops_limit *limits)
{
	const struct ferrops_limit *limit;
#ifdef FERROPS_KFUNC_DESCS
	/* Never NULL here: it is there from the program's first kfunc on (bpf_add_kfunc_call()). */
	const struct bpf_kfunc_desc_tab *tab = prog->aux->kfunc_tab;
	u32 i;
#endif

	/*
	 * The verifier asks a first time before check_struct_ops_btf_id() has set the table and the
	 * member, to find calls that sleep and iterators. For each call that the program can reach
	 * check_kfunc_call() asks again after that, and it is that answer that lets the call pass.
	 */
	if (prog->type == BPF_PROG_TYPE_STRUCT_OPS && !prog->aux->st_ops)
		return 0;
	for (limit = limits; limit->function; limit++) {
#ifdef FERROPS_KFUNC_DESCS
		/* Another module's kfunc may have the same id, but not the address. */
		for (i = 0; i < tab->nr_descs; i++)
			if (tab->descs[i].func_id == id &&
			    tab->descs[i].addr == (unsigned long)limit->function)
				break;
		if (i == tab->nr_descs)
			continue;
#endif
		/* Older kernels do not show that list: then all limits are the same. */
		if (ferrops_allows(limit, prog))
			return 0;
	}
	return -EACCES;
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
