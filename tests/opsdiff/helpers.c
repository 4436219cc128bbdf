// SPDX-License-Identifier: GPL-2.0-only
/*
 * What opsdiff cannot say in Rust: parameters that are texts, macros over the
 * interrupt flag and over per-CPU data, writing to the kernel's clock, a table of
 * functions with nothing in them, single steps.
 */

#include <linux/cpumask.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kdebug.h>
#include <linux/kernel_read_file.h>
#include <linux/kernel_stat.h>
#include <linux/moduleparam.h>
#include <linux/panic_notifier.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <linux/sort.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>
#ifdef CONFIG_X86
#include <asm/debugreg.h>
#endif
#include <net/inet_connection_sock.h>
#include <net/net_namespace.h>
#include <net/snmp.h>
#include <net/tcp.h>

#include "helpers.h"

struct opsdiff_parameters opsdiff_parameters = {
	.seed = 1, .steps = 1000, .show = 1, .sockets = 10000
};

module_param_named(table, opsdiff_parameters.table, charp, 0444);
MODULE_PARM_DESC(table, "name of the one congestion control");
module_param_named(reference, opsdiff_parameters.reference, charp, 0444);
MODULE_PARM_DESC(reference, "name of the other");
module_param_named(events, opsdiff_parameters.events, charp, 0444);
MODULE_PARM_DESC(events, "a file with the events, instead of random ones");
module_param_named(seed, opsdiff_parameters.seed, ulong, 0444);
MODULE_PARM_DESC(seed, "of the random events");
module_param_named(steps, opsdiff_parameters.steps, uint, 0444);
MODULE_PARM_DESC(steps, "how many callbacks to compare");
module_param_named(show, opsdiff_parameters.show, uint, 0444);
MODULE_PARM_DESC(show, "how many differences to show, or 0 to stop at the first");
module_param_named(calls, opsdiff_parameters.calls, uint, 0444);
MODULE_PARM_DESC(calls, "instead of comparing, count what each callback of the one costs, so often");
module_param_named(sockets, opsdiff_parameters.sockets, uint, 0444);
MODULE_PARM_DESC(sockets, "on how many sockets in turn, at the most");
module_param_named(path, opsdiff_parameters.path, charp, 0444);
MODULE_PARM_DESC(path, "HOOK:PATH, of which to show each instruction instead");
module_param_named(bpf, opsdiff_parameters.bpf, bool, 0444);
MODULE_PARM_DESC(bpf, "compare only what a BPF object has");
module_param_named(only_init, opsdiff_parameters.only_init, bool, 0444);
MODULE_PARM_DESC(only_init, "only states that come from init, and no preconditions");

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

#ifdef CONFIG_PCI

/*
 * Intel's 6300ESB watchdog, of which QEMU makes an NMI: registers as in
 * drivers/watchdog/i6300esb.c. It has two stages of about a millisecond a unit.
 */
#define WATCHDOG_CONFIG		0x60
#define WATCHDOG_LOCK		0x68
#define WATCHDOG_ENABLE		0x02
#define WATCHDOG_STAGE1		0x00
#define WATCHDOG_STAGE2		0x04
#define WATCHDOG_RELOAD		0x0c
#define WATCHDOG_MS		200

static struct {
	struct pci_dev *device;
	void __iomem *registers;
} watchdog;

/* Every write to a register wants these two before it. */
static void unlock_watchdog(void)
{
	writew(0x80, watchdog.registers + WATCHDOG_RELOAD);
	writew(0x86, watchdog.registers + WATCHDOG_RELOAD);
}

static void feed_watchdog(void)
{
	if (!watchdog.device)
		return;
	unlock_watchdog();
	writew(0x100, watchdog.registers + WATCHDOG_RELOAD);
}

static int start_watchdog(void)
{
	static const int stages[] = { WATCHDOG_STAGE1, WATCHDOG_STAGE2 };
	int i, err;

	watchdog.device = pci_get_device(PCI_VENDOR_ID_INTEL, PCI_DEVICE_ID_INTEL_ESB_9, NULL);
	if (!watchdog.device)
		return 0;
	err = pci_enable_device(watchdog.device);
	if (err)
		goto put;
	err = -ENOMEM;
	watchdog.registers = pci_ioremap_bar(watchdog.device, 0);
	if (!watchdog.registers)
		goto disable;
	pci_write_config_word(watchdog.device, WATCHDOG_CONFIG, 0);
	for (i = 0; i < ARRAY_SIZE(stages); i++) {
		unlock_watchdog();
		writel(WATCHDOG_MS / ARRAY_SIZE(stages), watchdog.registers + stages[i]);
	}
	feed_watchdog();
	pci_write_config_byte(watchdog.device, WATCHDOG_LOCK, WATCHDOG_ENABLE);
	return 0;
disable:
	pci_disable_device(watchdog.device);
put:
	pci_dev_put(watchdog.device);
	watchdog.device = NULL;
	return err;
}

static void stop_watchdog(void)
{
	if (!watchdog.device)
		return;
	pci_write_config_byte(watchdog.device, WATCHDOG_LOCK, 0);
	iounmap(watchdog.registers);
	pci_disable_device(watchdog.device);
	pci_dev_put(watchdog.device);
	watchdog.device = NULL;
}

#else

static void feed_watchdog(void)
{
}

static int start_watchdog(void)
{
	return 0;
}

static void stop_watchdog(void)
{
}

#endif

int opsdiff_begin_watch(void)
{
	int err = start_watchdog();

	if (err)
		return err;
	return atomic_notifier_chain_register(&panic_notifier_list, &panic_watch);
}

void opsdiff_end_watch(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_watch);
	stop_watchdog();
}

/* With another processor awake, stopping the clock would stop its clock too. */
bool opsdiff_can_stop_clock(void)
{
	return num_online_cpus() == 1;
}

void opsdiff_stop_clock(struct opsdiff_clock *clock, u32 now)
{
	static u8 calls;

	/* Now and then: a register is slow. */
	if (!calls++)
		feed_watchdog();
	local_irq_save(clock->flags);
	clock->jiffies = jiffies;
	jiffies = (clock->jiffies & ~(unsigned long)U32_MAX) | now;
}

void opsdiff_start_clock(const struct opsdiff_clock *clock)
{
	jiffies = clock->jiffies;
	local_irq_restore(clock->flags);
}

struct opsdiff_acks opsdiff_acks;

/*
 * Where an ACK would go on to IP. What comes after this point turns softirqs
 * off and on, and the clock would go on.
 */
static int take_ack(struct sock *sk, struct sk_buff *skb, struct flowi *fl)
{
	const struct tcphdr *th = tcp_hdr(skb);

	opsdiff_acks.count++;
	opsdiff_acks.seq = ntohl(th->seq);
	opsdiff_acks.ack_seq = ntohl(th->ack_seq);
	opsdiff_acks.flags_and_window = ntohl(tcp_flag_word(th));
	kfree_skb(skb);
	return 0;
}

static const struct inet_connection_sock_af_ops af_ops = {
	.queue_xmit = take_ack,
	.net_header_len = sizeof(struct iphdr),
};

void opsdiff_may_send(struct sock *sk)
{
	inet_csk(sk)->icsk_af_ops = &af_ops;
	/* A packet adds to a reference that is there. */
	refcount_set(&sk->sk_wmem_alloc, 1);
	/* TCP divides by it. */
	inet_csk(sk)->icsk_ack.rcv_mss = TCP_MSS_DEFAULT;
	/* PLB reroutes. */
	sk->sk_txrehash = SOCK_TXREHASH_ENABLED;
}

void opsdiff_counters(u64 counters[5])
{
	struct linux_mib __percpu *mib = init_net.mib.net_statistics;

	counters[0] = this_cpu_read(mib->mibs[LINUX_MIB_TCPHYSTARTTRAINDETECT]);
	counters[1] = this_cpu_read(mib->mibs[LINUX_MIB_TCPHYSTARTTRAINCWND]);
	counters[2] = this_cpu_read(mib->mibs[LINUX_MIB_TCPHYSTARTDELAYDETECT]);
	counters[3] = this_cpu_read(mib->mibs[LINUX_MIB_TCPHYSTARTDELAYCWND]);
	counters[4] = this_cpu_read(mib->mibs[LINUX_MIB_TCPPLBREHASH]);
}

/* What every callback is measured by: a call that does nothing. */
static notrace void nothing(struct sock *sk)
{
}

static notrace u32 nothing_u32(struct sock *sk)
{
	return 0;
}

static notrace void nothing_cong_avoid(struct sock *sk, u32 ack, u32 acked)
{
}

static notrace void nothing_cong_control(struct sock *sk, u32 ack, int flag,
					 const struct rate_sample *rs)
{
}

static notrace void nothing_set_state(struct sock *sk, u8 new_state)
{
}

static notrace void nothing_cwnd_event(struct sock *sk, enum tcp_ca_event ev)
{
}

static notrace void nothing_in_ack_event(struct sock *sk, u32 flags)
{
}

static notrace void nothing_pkts_acked(struct sock *sk, const struct ack_sample *sample)
{
}

static notrace size_t nothing_get_info(struct sock *sk, u32 ext, int *attr,
				       union tcp_cc_info *info)
{
	return 0;
}

struct tcp_congestion_ops opsdiff_nothing = {
	.init = nothing,
	.release = nothing,
	.cong_avoid = nothing_cong_avoid,
	.cong_control = nothing_cong_control,
	.ssthresh = nothing_u32,
	.undo_cwnd = nothing_u32,
	.set_state = nothing_set_state,
	.cwnd_event = nothing_cwnd_event,
	.cwnd_event_tx_start = nothing,
	.in_ack_event = nothing_in_ack_event,
	.pkts_acked = nothing_pkts_acked,
	.min_tso_segs = nothing_u32,
	.sndbuf_expand = nothing_u32,
	.get_info = nothing_get_info,
	.name = "nothing",
};

/* Instructions, where a clock counts them; else the ticks of whatever it counts. */
u64 opsdiff_ticks(void)
{
#ifdef CONFIG_X86
	return rdtsc_ordered();
#else
	return get_cycles();
#endif
}

/* Nanoseconds since boot in which the processor was not idle. */
u64 opsdiff_busy_ns(void)
{
	return ktime_get_ns() - NSEC_PER_USEC * get_cpu_idle_time_us(0, NULL);
}

static int compare(const void *a, const void *b)
{
	return cmp_int(*(const u32 *)a, *(const u32 *)b);
}

void opsdiff_sort(u32 *numbers, size_t count)
{
	sort(numbers, count, sizeof(*numbers), compare, NULL);
}

#ifdef CONFIG_X86_64

/* The call that is executed in single steps. */
static struct {
	unsigned long entry;
	unsigned long stack;
	struct opsdiff_step *steps;
	size_t room;
	size_t count;
} stepping;

/* After each instruction; what it gets is the next one. */
static int stepped(struct notifier_block *block, unsigned long event, void *data)
{
	const struct die_args *args = data;
	unsigned long *dr6;

	if (event != DIE_DEBUG || !stepping.entry)
		return NOTIFY_DONE;
	dr6 = (unsigned long *)args->err;
	if (!(*dr6 & DR_STEP))
		return NOTIFY_DONE;
	*dr6 &= ~DR_STEP;

	if (!stepping.stack && args->regs->ip == stepping.entry)
		stepping.stack = args->regs->sp;
	if (!stepping.stack)
		return NOTIFY_STOP;
	if (args->regs->sp > stepping.stack) {
		/* It has returned. */
		args->regs->flags &= ~X86_EFLAGS_TF;
		stepping.entry = 0;
		return NOTIFY_STOP;
	}
	if (stepping.count < stepping.room) {
		struct opsdiff_step *step = &stepping.steps[stepping.count];

		step->address = args->regs->ip;
		memcpy(step->bytes, (void *)args->regs->ip, sizeof(step->bytes));
	}
	stepping.count++;
	return NOTIFY_STOP;
}

static struct notifier_block step_watch = { .notifier_call = stepped };

int opsdiff_begin_steps(void)
{
	return register_die_notifier(&step_watch);
}

void opsdiff_end_steps(void)
{
	unregister_die_notifier(&step_watch);
}

/* Has the next call of the function at `entry` executed in single steps. */
void opsdiff_step(unsigned long entry, struct opsdiff_step *steps, size_t room)
{
	stepping.stack = 0;
	stepping.steps = steps;
	stepping.room = room;
	stepping.count = 0;
	stepping.entry = entry;
	asm volatile("pushfq; orq %0, (%%rsp); popfq" : : "i" (X86_EFLAGS_TF) : "memory", "cc");
}

/* How many there were. */
size_t opsdiff_stepped(void)
{
	return stepping.count;
}

#else

int opsdiff_begin_steps(void)
{
	return -EOPNOTSUPP;
}

void opsdiff_end_steps(void)
{
}

void opsdiff_step(unsigned long entry, struct opsdiff_step *steps, size_t room)
{
}

size_t opsdiff_stepped(void)
{
	return 0;
}

#endif

void opsdiff_show_step(const struct opsdiff_step *step)
{
	pr_info("opsdiff: instruction: %lx %ps %*phN\n", step->address, (void *)step->address,
		(int)sizeof(step->bytes), step->bytes);
}

ssize_t opsdiff_read_file(const char *path, void **content)
{
	return kernel_read_file_from_path(path, 0, content, INT_MAX, NULL, READING_POLICY);
}
