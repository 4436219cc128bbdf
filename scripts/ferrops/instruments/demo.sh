#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The guest's half of the demo: LOSS_PERCENT SHA256 ALGORITHM...
# Loads what is loadable, transfers the file with each algorithm, unloads.
# shellcheck source=../guest/transfer.sh
. ./transfer.sh

loss=$1 sha256=$2
shift 2
fail() { echo "failed: $*"; exit 1; }

for ko in modules/tcp_rreno.ko modules/tcp_rcubic.ko; do
	insmod $ko || fail "insmod $ko"
done
bpftool struct_ops register bpf_cubic.bpf.o >/dev/null || fail "bpftool struct_ops register"
mkdir -p /sys/fs/bpf/demo
bpftool struct_ops register rcubic.bpf.o /sys/fs/bpf/demo >/dev/null || fail "bpftool struct_ops register"

# The first transfer after boot pays for what the others find ready.
path 40 100 200 0
head -c 100000 payload >/tmp/warmup
transfer reno /tmp/warmup "$(sha256sum </tmp/warmup | cut -d' ' -f1)" warmup || fail "the first transfer"
rm /out/warmup.*

for algorithm; do
	path 40 100 200 "$loss"
	echo "begin $algorithm"
	transfer "$algorithm" payload "$sha256" "$algorithm" || fail "$algorithm"
	echo "done $algorithm"
done

ip netns del snd
ip netns del rcv
rm /sys/fs/bpf/demo/* || fail "removing the link"
bpftool struct_ops unregister name cubic >/dev/null || fail "bpftool struct_ops unregister"
rmmod tcp_rcubic tcp_rreno || fail rmmod
grep -qE '^tcp_r(cubic|reno) ' /proc/modules && fail "a module is still there after rmmod"
exit 0
