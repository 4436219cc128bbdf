#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The guest's first process: runs the script, and sends what it prints, its exit status and
# its files to the second serial port.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
mount -t bpf bpf /sys/fs/bpf 2>/dev/null
mount -t tmpfs tmpfs /tmp
mkdir -p /dev/shm /run/netns /out
ip link set lo up
stty -F /dev/ttyS1 raw -echo
cd /guest || exit
exec >/dev/ttyS1 2>&1 </dev/null
# shellcheck disable=SC2046 # several words
/bin/sh ./script $(cat arguments)
status=$?
printf '\n%%%%ferrops-end%%%% %d\n' "$status"
tar -c -C /out .
exec >/dev/null 2>&1
# Ends QEMU (-no-reboot), also where there is no ACPI to power off with.
reboot -f
