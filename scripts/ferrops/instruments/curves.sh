#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The guest's half of scripts/curves: ALGORITHM SHA256 DELAY_MS RATE_MBIT QUEUE_PACKETS LOSS_PERCENT
# Loads what the file `jobs` loads, makes the path, does what the file `more` does to
# it, sends the file, and leaves in /out/acks for every ACK: time in seconds, cwnd,
# ssthresh, smoothed RTT in microseconds.
# shellcheck source=../guest/transfer.sh
. ./transfer.sh

fail() { echo "failed: $*"; exit 1; }
load() { for ko; do insmod "$ko" || fail "insmod $ko"; done; }
register() { # OBJECT...
	for object; do
		bpftool struct_ops register "$object" /sys/fs/bpf/curves >/dev/null || fail "$object"
	done
}

algorithm=$1 sha256=$2
mkdir -p /sys/fs/bpf/curves
. ./jobs
path "$3" "$4" "$5" "$6"
. ./more || fail "the path of this scenario"
transfer "$algorithm" payload "$sha256" transfer || fail "$algorithm"
# A line of the trace is "task [cpu] flags SECONDS: tcp_probe: key=value ...".
awk '/ tcp_probe: / {
	if (!found) {
		for (i = 1; i <= NF; i++) {
			if ($i == "tcp_probe:") at_time = i - 1
			else if ($i ~ /^snd_cwnd=/) at_cwnd = i
			else if ($i ~ /^ssthresh=/) at_ssthresh = i
			else if ($i ~ /^srtt=/) at_srtt = i
		}
		found = 1
		first = $at_time + 0
	}
	printf "%.6f\t%d\t%.0f\t%d\n", $at_time - first, substr($at_cwnd, 10), substr($at_ssthresh, 10), substr($at_srtt, 6)
}' $tracing/trace >/out/acks
