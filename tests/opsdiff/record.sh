#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# In a guest: transfers a file over paths of different kinds with cubic, and leaves in
# /out/NAME.trace what the kernel's tracepoint tcp_probe said of every ACK.
# shellcheck source=../../scripts/ferrops/guest/transfer.sh
. ./transfer.sh

record() { # NAME [FILE]
	sha256=$(sha256sum <payload | cut -d' ' -f1)
	transfer cubic "${2:-payload}" "$sha256" "$1" || { echo "failed: $1"; exit 1; }
	grep ' tcp_probe: ' $tracing/trace >"/out/$1.trace"
	rm -f "/out/$1.json" "/out/$1.tsv"
	echo "recorded $1: $(wc -l <"/out/$1.trace") ACKs"
}

path 40 100 200 0
record plain
path 200 400 8000 0
record high-bdp
path 40 100 200 1
record loss
path 40 10 1000 0
record bufferbloat

# An application that has something to send now and then.
bursts() {
	for part in 0 1 2 3 4 5 6 7; do
		dd if=payload bs=1M skip=$part count=1 2>/dev/null
		sleep 0.7
	done
}
path 40 100 200 0
mkfifo in-bursts
bursts >in-bursts &
record idle in-bursts

path 40 100 200 0
tc qdisc change dev to-rcv root netem rate 100mbit delay 20ms limit 1000 loss 1% ecn seed 42
for ns in snd rcv; do ip netns exec $ns sysctl -qw net.ipv4.tcp_ecn=1; done
record ecn
