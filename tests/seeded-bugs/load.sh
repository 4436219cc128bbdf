#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest with the debug or the CFI kernel: loads the module with a bug.
#
# How many seconds RCU waits before it reports a stall: 21 take too long here, and with
# PROVE_RCU it waits 5 more.
echo 3 >/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout
insmod ./*.ko
