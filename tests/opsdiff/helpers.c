// SPDX-License-Identifier: GPL-2.0-only
/*
 * What opsdiff cannot say in Rust: parameters that are texts, macros over the
 * interrupt flag and over per-CPU data, writing to the kernel's clock.
 */

#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kernel_read_file.h>
#include <linux/moduleparam.h>
#include <linux/panic_notifier.h>
#include <linux/printk.h>
#include <net/net_namespace.h>
#include <net/snmp.h>

#include "helpers.h"

struct opsdiff_parameters opsdiff_parameters = { .seed = 1, .steps = 1000, .show = 1 };

module_param_named(table, opsdiff_parameters.table, charp, 0444);
MODULE_PARM_DESC(table, "name of the one congestion control");
module_param_named(twin, opsdiff_parameters.twin, charp, 0444);
MODULE_PARM_DESC(twin, "name of the other");
module_param_named(events, opsdiff_parameters.events, charp, 0444);
MODULE_PARM_DESC(events, "a file with the events, instead of random ones");
module_param_named(seed, opsdiff_parameters.seed, ulong, 0444);
MODULE_PARM_DESC(seed, "of the random events");
module_param_named(steps, opsdiff_parameters.steps, uint, 0444);
MODULE_PARM_DESC(steps, "how many callbacks to compare");
module_param_named(first, opsdiff_parameters.first, uint, 0444);
MODULE_PARM_DESC(first, "number of the connection to begin with");
module_param_named(show, opsdiff_parameters.show, uint, 0444);
MODULE_PARM_DESC(show, "how many differences to show, or 0 to stop at the first");
module_param_named(bpf, opsdiff_parameters.bpf, bool, 0444);
MODULE_PARM_DESC(bpf, "compare only what a BPF object has");
module_param_named(trace, opsdiff_parameters.trace, bool, 0444);
MODULE_PARM_DESC(trace, "print each event to the console before it happens");

struct opsdiff_current opsdiff_current;

static int panicked(struct notifier_block *block, unsigned long event, void *data)
{
	const struct opsdiff_current *doing = &opsdiff_current;

	pr_emerg("opsdiff: the kernel died in step %llu, in connection %u: %.*s %llu %llu %llu\n",
		 doing->step, doing->connection, (int)doing->event_length,
		 doing->event, doing->arguments[0], doing->arguments[1],
		 doing->arguments[2]);
	return NOTIFY_DONE;
}

static struct notifier_block panic_watch = { .notifier_call = panicked };

int opsdiff_watch_panics(void)
{
	return atomic_notifier_chain_register(&panic_notifier_list, &panic_watch);
}

void opsdiff_unwatch_panics(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_watch);
}

/* With another processor awake, stopping the clock would stop its clock too. */
bool opsdiff_can_stop_clock(void)
{
	return num_online_cpus() == 1;
}

void opsdiff_stop_clock(struct opsdiff_clock *clock, u32 now)
{
	local_irq_save(clock->flags);
	clock->jiffies = jiffies;
	jiffies = (clock->jiffies & ~(unsigned long)U32_MAX) | now;
}

void opsdiff_start_clock(const struct opsdiff_clock *clock)
{
	jiffies = clock->jiffies;
	local_irq_restore(clock->flags);
}

void opsdiff_hystart_counters(u64 counters[4])
{
	struct linux_mib __percpu *mib = init_net.mib.net_statistics;

	counters[0] = this_cpu_read(mib->mibs[LINUX_MIB_TCPHYSTARTTRAINDETECT]);
	counters[1] = this_cpu_read(mib->mibs[LINUX_MIB_TCPHYSTARTTRAINCWND]);
	counters[2] = this_cpu_read(mib->mibs[LINUX_MIB_TCPHYSTARTDELAYDETECT]);
	counters[3] = this_cpu_read(mib->mibs[LINUX_MIB_TCPHYSTARTDELAYCWND]);
}

ssize_t opsdiff_read_file(const char *path, void **content)
{
	return kernel_read_file_from_path(path, 0, content, INT_MAX, NULL, READING_POLICY);
}
