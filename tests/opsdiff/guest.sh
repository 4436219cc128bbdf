#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest: does what the file `jobs` says, a call of one of these functions a
# line. Prints what the module opsdiff has to say, and fails if something cannot
# be loaded or stays behind.

fail() { echo "failed: $*"; exit 1; }

load() { # MODULE.KO...
	for ko; do insmod "$ko" || fail "insmod $ko"; done
}

register() { # OBJECT...
	for object; do
		bpftool struct_ops register "$object" /sys/fs/bpf/opsdiff >/dev/null ||
			fail "bpftool struct_ops register $object"
	done
}

parameter() { # NAME VALUE MODULE...
	name=$1 value=$2
	shift 2
	for module; do
		echo "$value" >"/sys/module/$module/parameters/$name" || fail "$module has no $name"
	done
}

compare() { # opsdiff's parameters
	dmesg -c >/dev/null
	echo "begin $*"
	# It does its work while it is loaded, and does not stay.
	insmod opsdiff.ko "$@" 2>/dev/null
	grep -q '^opsdiff ' /proc/modules && fail "opsdiff is still loaded"
	dmesg -c | sed -n 's/^.*opsdiff: //p' | grep -v '^connection '
	echo end
}

mkdir -p /sys/fs/bpf/opsdiff
# shellcheck source=/dev/null
. ./jobs
rm -f /sys/fs/bpf/opsdiff/*
# A program that calls a module's kfuncs goes some time after its link, and holds the module.
for ko in modules/*.ko; do
	tries=0
	until rmmod "$ko" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 50 ] || fail "rmmod $ko"
		sleep 0.1
	done
done
