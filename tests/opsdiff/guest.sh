#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# In a guest: does what the file `jobs` says, a call of one of these functions a
# line. Prints what the module opsdiff has to say, and fails if something cannot
# be loaded or stays behind.

# shellcheck source=../../scripts/ferrops/guest/transfer.sh
[ ! -e transfer.sh ] || . ./transfer.sh

fail() { echo "failed: $*"; exit 1; }

load() { # MODULE.KO...
	for ko; do insmod "$ko" || fail "insmod $ko"; done
}

pins=/sys/fs/bpf/opsdiff

register() { # OBJECT...
	for object; do
		bpftool struct_ops register "$object" $pins >/dev/null ||
			fail "bpftool struct_ops register $object"
	done
}

# The kernel's own programs may come with tables that are not meant to be registered.
register_peer() { # OBJECT TABLE
	bpftool struct_ops register "$1" /sys/fs/bpf/opsdiff >/dev/null 2>&1
	sysctl -n net.ipv4.tcp_available_congestion_control | grep -qw "$2" ||
		fail "bpftool struct_ops register $1"
}

parameter() { # VALUE PLACE...: a file, or NAME@TABLE of one of our objects
	value=$1
	shift
	for place; do
		case $place in
		*@*) ./ccload --pins $pins set "${place#*@}" "${place%@*}=$value" || fail "$place cannot be $value" ;;
		*) echo "$value" >"$place" || fail "$place is not there, or cannot be $value" ;;
		esac
	done
}

compare() { # opsdiff's parameters
	dmesg -c >/dev/null
	echo "begin $*"
	# It does its work while it is loaded, and does not stay.
	insmod opsdiff.ko "$@" 2>/dev/null
	grep -q '^opsdiff ' /proc/modules && fail "opsdiff is still loaded"
	dmesg -c | sed -n 's/^.*opsdiff: //p'
	echo end
}

count() { # opsdiff's parameters: what a table costs
	dmesg -c >/dev/null
	echo "begin $*"
	insmod opsdiff.ko calls=1 "$@" 2>/dev/null
	dmesg -c | sed -n 's/^.*opsdiff: //p'
	echo end
}

# What the processor has done: without a table that is all there is to count.
busy() {
	count sockets=0
}

# How large the programs in BPF are, and whose they are: those of a table have its type information.
programs() {
	echo "begin programs"
	printf '{"programs": %s, "maps": %s}\n' "$(bpftool --json prog show)" "$(bpftool --json map show)"
	echo end
}

# What the processor does in all, idle time left out, while a small and a large file are carried, over
# a path that is faster than it: what it does then hardly depends on how packets happen to meet.
carry() { # ALGORITHM...
	for algorithm; do
		for file in small large; do
			path 2 1000 2000 0
			busy
			transfer "$algorithm" $file "$(sha256sum <$file | cut -d' ' -f1)" $file untraced || fail "$algorithm"
			busy
		done
	done
	ip netns del snd
	ip netns del rcv
}

# What each program in BPF takes for a call over a whole transfer, as the kernel counts it, and which
# member of which table it is. The path loses a packet now and then, or marks it.
hooks() { # plain|ecn ALGORITHM...
	how=$1
	shift
	for algorithm; do
		path 10 50 60 0.1
		if [ "$how" = ecn ]; then
			tc qdisc change dev to-rcv root netem rate 50mbit delay 5ms limit 80 loss 1% ecn seed 42
			sysctl -qw net.ipv4.tcp_allowed_congestion_control="reno cubic $algorithm"
			ip netns exec rcv sysctl -qw net.ipv4.tcp_ecn=1 net.ipv4.tcp_congestion_control="$algorithm"
		fi
		sysctl -qw kernel.bpf_stats_enabled=1
		transfer "$algorithm" large "$(sha256sum <large | cut -d' ' -f1)" large untraced || fail "$algorithm"
		sysctl -qw kernel.bpf_stats_enabled=0
	done
	ip netns del snd
	ip netns del rcv
	echo "begin hooks"
	printf '{"programs": %s, "tables": %s}\n' "$(bpftool --json prog show)" "$(bpftool --json struct_ops dump)"
	echo end
}

mkdir -p $pins
# shellcheck source=/dev/null
. ./jobs
rm -f $pins/*
# A program that calls a module's kfuncs goes some time after its link, and holds the module.
for ko in modules/*.ko; do
	tries=0
	until rmmod "$ko" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 50 ] || fail "rmmod $ko"
		sleep 0.1
	done
done
