/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What bindgen reads for the crate `ferrops_bindings`: the kernel's own crate
 * `bindings` has no `tcp_sock` and none of the congestion control functions.
 */

#include <linux/inet_diag.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/tcp.h>

#include "helpers/helpers.h"

/* Macros that bindgen cannot evaluate. */
enum {
	FERROPS_CONG_NON_RESTRICTED = TCP_CONG_NON_RESTRICTED,
	FERROPS_CONG_NEEDS_ECN = TCP_CONG_NEEDS_ECN,
	FERROPS_ECN_MODE_ANY = TCP_ECN_MODE_ANY,
	FERROPS_ECN_DEMAND_CWR = TCP_ECN_DEMAND_CWR,
	FERROPS_ICSK_ACK_TIMER = ICSK_ACK_TIMER,
	FERROPS_ICSK_ACK_NOW = ICSK_ACK_NOW,
	FERROPS_MAX_TCP_HEADER = MAX_TCP_HEADER,
};
