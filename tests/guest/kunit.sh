#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest with the kunit kernel: loading a module runs its suites. Prints
# what they reported, and fails if a module cannot be loaded.
status=0
sysctl -qw net.ipv4.tcp_plb_enabled=1
importing=
for ko in modules/*.ko; do
	insmod "$ko" 2>/dev/null || importing="$importing $ko"
done
# What calls another module's functions comes after that.
for ko in $importing; do
	insmod "$ko" || { echo "insmod $ko failed"; status=1; }
done
dmesg
exit $status
