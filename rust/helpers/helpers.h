/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FERROPS_HELPERS_H
#define _FERROPS_HELPERS_H

#include <linux/types.h>

struct module;
struct sock;

void ferrops_net_add_stats(struct sock *sk, unsigned int mib, unsigned int value);
void ferrops_send_ack(struct sock *sk, u32 rcv_nxt);
void ferrops_ecn_dontxmit(struct sock *sk);
void ferrops_wait_for_users(struct module *owner);

#endif
