// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Rust cannot reach through bindgen: a macro over per-CPU data, an inline
 * function over both families of sockets, functions that differ between kernels.
 * Linked into every module, like the kernel's own rust/helpers.
 */

#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "helpers.h"

__visible void ferrops_net_add_stats(struct sock *sk, unsigned int mib, unsigned int value)
{
	/* Also tells the compiler that the index needs no bounds check of its own. */
	if (mib < __LINUX_MIB_MAX)
		NET_ADD_STATS(sock_net(sk), mib, value);
}

/*
 * A sock_ops program that writes the ACK's options may call bpf_setsockopt(). If
 * it chose another algorithm, the callback that sends the ACK would go on with
 * that one's state; and without a reference to its module. The guard is that of
 * sol_tcp_sockopt_congestion(), which returns -EBUSY then.
 */
__visible void ferrops_send_ack(struct sock *sk, u32 rcv_nxt)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool changing = tp->bpf_chg_cc_inprogress;

	tp->bpf_chg_cc_inprogress = true;
	__tcp_send_ack(sk, rcv_nxt, 0);
	tp->bpf_chg_cc_inprogress = changing;
}

__visible void ferrops_ecn_dontxmit(struct sock *sk)
{
	INET_ECN_dontxmit(sk);
}

#ifdef CONFIG_MODULE_UNLOAD
/* Whether nobody uses a module that is in its init and has no table registered. */
static bool is_unused(struct module *mod)
{
	/* One reference is that of the init itself. */
	if (module_refcount(mod) > 1)
		return false;
	/*
	 * The last user may have been a listening socket. A child that is being made of it, in
	 * a read-side critical section, inherits the table and still gets a reference.
	 */
	synchronize_rcu();
	return module_refcount(mod) <= 1;
}
#endif

__visible bool ferrops_wait_for_users(const struct tcp_congestion_ops *refused, int error)
{
	struct module *mod = refused->owner;

#ifdef CONFIG_MODULE_UNLOAD
	if (is_unused(mod))
		return true;
	pr_warn("%s: %s is refused (%pe); waiting for those who use another algorithm of the module; killing this process ends the wait\n",
		mod->name, refused->name, ERR_PTR(error));
	do {
		if (fatal_signal_pending(current)) {
			pr_warn("%s: stays loaded without algorithms; rmmod it when nobody uses them any more\n",
				mod->name);
			return false;
		}
		schedule_timeout_killable(msecs_to_jiffies(20));
	} while (!is_unused(mod));
	return true;
#else
	pr_warn("%s: %s is refused (%pe); stays loaded without algorithms, since somebody may use another one: without CONFIG_MODULE_UNLOAD nobody knows\n",
		mod->name, refused->name, ERR_PTR(error));
	return false;
#endif
}
