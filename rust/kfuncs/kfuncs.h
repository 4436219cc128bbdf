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
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/string.h>
#include <net/tcp.h>

#define FERROPS_PROTOTYPE(returns, name, ...)					\
	__visible returns name(__VA_ARGS__) __asm__("__prototype_" #name);	\
	__bpf_kfunc __init notrace returns name(__VA_ARGS__)			\
	{									\
		return (returns)0;						\
	}									\
	EXPORT_SYMBOL_GPL(name)

/* A kfunc for the programs of some tables only. */
struct ferrops_limit {
	/* Of the list of ids, as the build numbers them. */
	const u32 *id;
	/* The tables, struct NAME; NULL ends them. */
	const char *const *tables;
};

#if defined(CONFIG_BPF_SYSCALL) && defined(CONFIG_DEBUG_INFO_BTF_MODULES)

/*
 * What a module's ids were numbered after: the types of a base of its own (the distilled
 * one), in place of which the kernel puts its own types when it loads the module.
 */
static u32 __init ferrops_types_in_base(void)
{
	const struct btf_header *header = THIS_MODULE->btf_base_data;
	const void *type, *end;
	u32 count = 1;

	if (!header || THIS_MODULE->btf_base_data_size < sizeof(*header))
		return 0;
	type = (const void *)header + header->hdr_len + header->type_off;
	end = type + header->type_len;
	/* A base has names and sizes: no members, but what an integer is. */
	for (; type < end; count++) {
		const struct btf_type *t = type;

		type += sizeof(*t);
		if (BTF_INFO_KIND(t->info) == BTF_KIND_INT)
			type += sizeof(u32);
	}
	return count;
}

static u32 __init ferrops_types_in_kernel(const struct btf *kernel)
{
	u32 low = 1, high = BTF_MAX_TYPE;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (btf_type_by_id(kernel, middle))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * How much larger ids are in the running kernel than in .BTF_ids. The kernel corrects the
 * ids of a set when it registers that, but a filter sees the corrected ones.
 */
static int __init ferrops_ids_shift(u32 *shift)
{
	struct btf *kernel;
	u32 base = ferrops_types_in_base();
	int id;

	*shift = 0;
	if (!base)
		return 0;
	/* The kernel's own BTF is never freed: it does not matter that this takes a reference. */
	id = bpf_find_btf_id("tcp_congestion_ops", BTF_KIND_STRUCT, &kernel);
	if (id < 0)
		return id;
	*shift = ferrops_types_in_kernel(kernel) - base;
	return 0;
}

static inline int ferrops_may_call(const struct bpf_prog *prog, u32 id, u32 shift,
				   const struct ferrops_limit *limit)
{
	const char *const *table;

	/* The verifier asks a first time before it knows what table a program is for. */
	if (!prog->aux->st_ops)
		return 0;
	for (; limit->id; limit++) {
		if (*limit->id + shift != id)
			continue;
		for (table = limit->tables; *table; table++)
			if (!strcmp(*table, prog->aux->st_ops->name))
				return 0;
		return -EACCES;
	}
	return 0;
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
