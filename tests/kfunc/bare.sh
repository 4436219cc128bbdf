#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Modules with kfuncs, in a guest whose kernel has no BPF.
# shellcheck source=common.sh
. ./common.sh

test_the_kernel_has_no_bpf() {
	[ ! -e /sys/kernel/btf ] || { no "it has BTF"; return 1; }
	! grep -qw bpf /proc/filesystems || no "it has BPF"
}

test_every_module_loads_and_says_that_kfuncs_are_off() {
	local module name
	for module in modules/*.ko; do
		name=$(basename "$module" .ko)
		[ "$name" != tcp_crcubic ] || continue
		dmesg -c >/dev/null
		insmod "$module" || { no "$name does not load: $(dmesg)"; return 1; }
		dmesg | grep -q "$name: kfuncs are off: this kernel has no BPF, or no BTF of modules" || { no "$name: $(dmesg)"; return 1; }
	done
}

test_their_algorithms_are_there() {
	local name
	for name in rreno rcubic rbic rdctcp rbbr; do
		has "$(available)" $name || { no "$name is not in: $(available)"; return 1; }
	done
}

test_one_carries_a_file() { carries rcubic; }

test_one_in_c_calls_what_they_export() {
	load tcp_crcubic && carries crcubic
}

test_bpf_is_refused() {
	refused register samples/bpf_rcubic bpf_rcubic
}

test_they_go() {
	local module
	unload tcp_crcubic || return 1
	for module in modules/*.ko; do
		unload "$(basename "$module" .ko)" || return 1
	done
	! grep -q '^tcp_r' /proc/modules || no "still there: $(cat /proc/modules)"
}

run_tests
