// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls the kfuncs of tcp_rkinds by pointers of their types in C, as a table would: a kernel
 * with CONFIG_CFI stops at one of another type.
 */

#include <linux/module.h>
#include <linux/slab.h>

#include <tcp_rkinds_kfuncs.h>

/* A pointer of which the compiler does not know where it leads. */
#define pointer_to(function)			\
({						\
	auto pointer = &(function);		\
						\
	OPTIMIZER_HIDE_VAR(pointer);		\
	pointer;				\
})

static bool __init numbers_cross(void)
{
	return pointer_to(rkinds_narrow)(1, -2, 3, -4, true) == 0x0001fffc0003fe01 &&
	       pointer_to(rkinds_wide)(1, -2, 3, -4) == -2 &&
	       pointer_to(rkinds_negative)(0x1ff) == -1 &&
	       pointer_to(rkinds_odd)(3) && !pointer_to(rkinds_odd)(2) &&
	       !pointer_to(rkinds_not)(true) && pointer_to(rkinds_not)(false) &&
	       pointer_to(rkinds_greater)(255, 254) == 255 &&
	       pointer_to(rkinds_sign)(-300) == -1 &&
	       pointer_to(rkinds_same)(1ULL << 40) == 1ULL << 40 &&
	       pointer_to(rkinds_of_scheduler)(5) == 5;
}

static bool __init buffers_cross(void)
{
	u8 from[] = { 1, 2, 3 }, to[2];

	return pointer_to(rkinds_sum)(from, sizeof(from)) == 6 &&
	       pointer_to(rkinds_copy)(from, sizeof(from), to, sizeof(to)) == 2 && to[1] == 2;
}

static bool __init objects_cross(struct tcp_sock *tp)
{
	const struct ack_sample sample = { .pkts_acked = 7 };
	const struct rate_sample rs = { .is_retrans = true };

	tp->snd_cwnd = 11;
	return pointer_to(rkinds_acked)(&sample) == 7 && pointer_to(rkinds_acked)(NULL) == -1 &&
	       pointer_to(rkinds_flags)(&rs) == 2 && pointer_to(rkinds_large)(tp) == tp;
}

static int __init cpointers_init(void)
{
	struct tcp_sock *tp = kzalloc(sizeof(*tp), GFP_KERNEL);
	bool all;

	if (!tp)
		return -ENOMEM;
	pointer_to(rkinds_destructive)();
	all = numbers_cross() && buffers_cross() && objects_cross(tp);
	kfree(tp);
	return all ? 0 : -EDOM;
}

static void __exit cpointers_exit(void)
{
}

module_init(cpointers_init);
module_exit(cpointers_exit);

MODULE_AUTHOR("The ferrops authors");
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Calls of exported functions by pointers");
