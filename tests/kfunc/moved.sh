#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Kfuncs, in a guest whose kernel has one type more than the one that the modules were built
# for. The numbers of all others are different ones.
# shellcheck source=common.sh
. ./common.sh

test_the_kernel_has_one_more_type() {
	bpftool btf dump file /sys/kernel/btf/vmlinux | grep -q "STRUCT 'one_more_type'" || no "it has not"
}

test_a_module_without_the_base_of_its_types_does_not_load() {
	refused insmod tcp_rcubic-without-base.ko | grep -q 'Invalid' || no "the types are the same"
}

test_a_module_loads_and_bpf_finds_its_kfuncs() {
	load tcp_rcubic && register samples/bpf_rcubic bpf_rcubic && carries bpf_rcubic
}

test_a_module_s_filter_knows_its_kfuncs() {
	load tcp_rcubic && is_refused table_of_another
}

test_a_module_in_use_stays_and_then_goes() {
	load tcp_rcubic && register samples/bpf_rcubic bpf_rcubic || return 1
	refused rmmod tcp_rcubic | grep -qE 'in use|temporarily' || { no "it is gone"; return 1; }
	unregister bpf_rcubic
	unload tcp_rcubic
}

run_tests
