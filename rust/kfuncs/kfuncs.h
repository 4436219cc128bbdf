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

/* Which struct_ops programs may call a kfunc. */
struct ferrops_limit {
	/* Where the kfunc is. */
	const void *function;
	/* Those of these tables, struct NAME, up to a NULL; of any if it is NULL itself. */
	const char *const *tables;
	/* Of these only those of the members at these offsets, up to FERROPS_END; or of any. */
	const u32 *members;
};

#define FERROPS_END U32_MAX

#if defined(CONFIG_BPF_SYSCALL) && defined(CONFIG_DEBUG_INFO_BTF_MODULES)

static inline bool ferrops_has_table(const struct bpf_prog *prog, const char *const *tables)
{
	const struct bpf_struct_ops *st_ops = prog->aux->st_ops;

	/*
	 * By name, since the kernel's tables are static there. Only the kernel's own: a module may
	 * have another one of that name.
	 */
	for (; !st_ops->owner && *tables; tables++)
		if (!strcmp(*tables, st_ops->name))
			return true;
	return false;
}

static inline bool ferrops_has_member(const struct bpf_prog *prog, const u32 *members)
{
	for (; *members != FERROPS_END; members++)
		if (*members == prog->aux->attach_st_ops_member_off)
			return true;
	return false;
}

static inline int ferrops_check_limit(const struct bpf_prog *prog,
				      const struct ferrops_limit *limit)
{
	if (resolve_prog_type(prog) != BPF_PROG_TYPE_STRUCT_OPS || !limit->tables)
		return 0;
	/* A program that replaces a function of another one (freplace) has no table to go by. */
	if (prog->type != BPF_PROG_TYPE_STRUCT_OPS)
		return -EACCES;
	if (!ferrops_has_table(prog, limit->tables))
		return -EACCES;
	return !limit->members || ferrops_has_member(prog, limit->members) ? 0 : -EACCES;
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
	/*
	 * The verifier asks a first time before check_struct_ops_btf_id() has set the table and the
	 * member, to find calls that sleep and iterators. For each call that the program can reach
	 * check_kfunc_call() asks again after that, and it is that answer that lets the call pass.
	 */
	if (prog->type == BPF_PROG_TYPE_STRUCT_OPS && !prog->aux->st_ops)
		return 0;
#ifdef FERROPS_KFUNC_DESCS
	const struct bpf_kfunc_desc_tab *tab = prog->aux->kfunc_tab;
	const struct ferrops_limit *limit;
	u32 i;

	/* Another module's kfunc may have the same id, but not the address. */
	for (i = 0; tab && i < tab->nr_descs; i++) {
		if (tab->descs[i].func_id != id)
			continue;
		for (limit = limits; limit->function; limit++)
			if (tab->descs[i].addr == (unsigned long)limit->function)
				return ferrops_check_limit(prog, limit);
	}
	return -EACCES;
#else
	/* In older kernels nobody but the verifier sees that list: then all limits are the same. */
	return ferrops_check_limit(prog, limits);
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
