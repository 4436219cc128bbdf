// SPDX-License-Identifier: GPL-2.0-only
/* What the registration of tables needs of C: functions that differ between kernels. */

#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include "helpers.h"

#ifdef USES_wait_for_users
#ifdef CONFIG_MODULE_UNLOAD
/* Whether nobody uses a module that is in its init and has no table registered. */
static bool is_unused(struct module *mod)
{
	/* One reference is that of the init itself. */
	if (module_refcount(mod) > 1)
		return false;
	/*
	 * Somebody may just be handing a table on, in a read-side critical section: who gets it
	 * still takes a reference of its own.
	 */
	synchronize_rcu();
	return module_refcount(mod) <= 1;
}
#endif

__visible bool ferrops_wait_for_users(struct module *mod, const char *name, size_t len, int error)
{
#ifdef CONFIG_MODULE_UNLOAD
	if (is_unused(mod))
		return true;
	pr_warn("%s: %.*s is refused (%pe); waiting for those who use another table of the module; killing this process ends the wait\n",
		mod->name, (int)len, name, ERR_PTR(error));
	do {
		if (fatal_signal_pending(current)) {
			pr_warn("%s: stays loaded without tables; rmmod it when nobody uses them any more\n",
				mod->name);
			return false;
		}
		schedule_timeout_killable(msecs_to_jiffies(20));
	} while (!is_unused(mod));
	return true;
#else
	pr_warn("%s: %.*s is refused (%pe); stays loaded without tables, since somebody may use another one: without CONFIG_MODULE_UNLOAD nobody knows\n",
		mod->name, (int)len, name, ERR_PTR(error));
	return false;
#endif
}
#endif
