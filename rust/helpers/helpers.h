/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FERROPS_HELPERS_H
#define _FERROPS_HELPERS_H

#include <linux/types.h>

struct sock;
struct tcp_congestion_ops;

void ferrops_net_add_stats(struct sock *sk, unsigned int mib, unsigned int value);
void ferrops_send_ack(struct sock *sk, u32 rcv_nxt);
void ferrops_ecn_dontxmit(struct sock *sk);

/*
 * Waits until nobody uses a module that is in its init and has taken back all
 * of its tables, since @refused was refused. Returns whether nobody does: if
 * not, the init must not fail, for the kernel would free what is used.
 */
bool ferrops_wait_for_users(const struct tcp_congestion_ops *refused, int error);

#endif
