/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FERROPS_HELPERS_H
#define _FERROPS_HELPERS_H

struct sock;

void ferrops_net_add_stats(struct sock *sk, unsigned int mib, unsigned int value);

#endif
