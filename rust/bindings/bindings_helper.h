/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What bindgen reads for the crate `tcp_bindings`: the kernel's own crate
 * `bindings` has no `tcp_sock` and none of the congestion control functions.
 */

#include <linux/inet_diag.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/tcp.h>

#include "helpers/helpers.h"
