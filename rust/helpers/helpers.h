/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FERROPS_HELPERS_H
#define _FERROPS_HELPERS_H

#include <linux/types.h>

struct module;
struct sock;

void ferrops_net_add_stats(struct sock *sk, unsigned int mib, unsigned int value);
void ferrops_send_ack(struct sock *sk, u32 rcv_nxt);
void ferrops_ecn_dontxmit(struct sock *sk);
int ferrops_base_rtt(struct sock *sk);

/*
 * Waits until nobody uses a module that is in its init and has taken back all
 * of its tables, since the one called @name was refused with @error. Returns
 * whether nobody does: if not, the init must not fail, for the kernel would free
 * what is used.
 */
bool ferrops_wait_for_users(struct module *mod, const char *name, size_t len, int error);

#endif
