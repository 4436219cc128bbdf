#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# End to end, in a guest with the stock kernel: what a user does with a module.
# shellcheck source=../scripts/transfer.sh
. ./transfer.sh
# shellcheck source=tests.sh
. ./tests.sh

loaded() { grep -q "^$1 " /proc/modules; }

# A module, or by its name ..._bpf the BPF form of it.
load() {
	case $1 in
	*_bpf) [ -e "$links/$1" ] || bpftool struct_ops register "bpf/${1%_bpf}.bpf.o" $links ;;
	*) loaded "tcp_$1" || insmod "modules/tcp_$1.ko" ;;
	esac
}
links=/sys/fs/bpf/ferrops

test_load() {
	for name in rreno rcubic; do
		load $name || { no "insmod tcp_$name.ko"; return 1; }
		has "$(available)" $name || { no "$name is not available"; return 1; }
	done
}

test_load_twice_is_refused() {
	load rcubic
	refused insmod modules/tcp_rcubic.ko | grep -q 'File exists' || no "no EEXIST"
}

test_load_on_another_kernel_is_refused() {
	refused insmod other/tcp_rreno.ko | grep -q 'Invalid module format' || no "no ENOEXEC"
}

test_select_by_sysctl() {
	load rcubic
	sysctl -qw net.ipv4.tcp_congestion_control=rcubic || return 1
	[ "$(sysctl -n net.ipv4.tcp_congestion_control)" = rcubic ] || { no "not set"; return 1; }
	sysctl -qw net.ipv4.tcp_congestion_control=cubic
}

test_select_by_sysctl_is_used() {
	load rcubic
	path 20 100 200 0
	sysctl -qw net.ipv4.tcp_allowed_congestion_control="reno cubic rcubic"
	ip netns exec snd sysctl -qw net.ipv4.tcp_congestion_control=rcubic
	uses rcubic
}

test_select_by_setsockopt() {
	load rreno
	path 20 100 200 0
	# IPPROTO_TCP, TCP_CONGESTION
	uses rreno setsockopt-string=6:13:rreno
}

test_select_by_route() {
	load rcubic
	path 20 100 200 0
	ip -n snd route change default via 10.0.1.254 congctl rcubic || return 1
	uses rcubic
}

test_one_connection_after_another() {
	load rcubic
	load rreno
	path 20 100 200 0
	local name
	for name in rcubic rreno cubic rcubic; do
		uses $name "setsockopt-string=6:13:$name" || return 1
	done
}

test_autoload_by_name() {
	rmmod tcp_rreno 2>/dev/null
	mkdir -p "/lib/modules/$(uname -r)/extra"
	cp modules/tcp_rreno.ko "/lib/modules/$(uname -r)/extra/"
	depmod
	loaded tcp_rreno && { no "still loaded"; return 1; }
	sysctl -qw net.ipv4.tcp_congestion_control=rreno || return 1
	sysctl -qw net.ipv4.tcp_congestion_control=cubic
	loaded tcp_rreno || no "not loaded"
}

test_unknown_name_is_refused() {
	refused sysctl -w net.ipv4.tcp_congestion_control=rnobody | grep -q 'No such file' || no "no ENOENT"
}

loads_and_carries() { load "$1" && carries "$1"; }

test_rreno_carries_a_file_over_loss_and_reordering() { loads_and_carries rreno; }
test_rcubic_carries_a_file_over_loss_and_reordering() { loads_and_carries rcubic; }

test_rcubic_counts_hystart() {
	load rcubic
	path 40 100 200 0
	transfer rcubic payload "$(sha256sum <payload | cut -d' ' -f1)" hystart || return 1
	ip netns exec snd nstat -azs | awk '
		/TCPHystart(Train|Delay)Detect/ { times += $2 }
		/TCPHystart(Train|Delay)Cwnd/ { packets += $2 }
		END { exit !(times == 1 && packets >= 16) }' || no "HyStart did not end slow start once"
}

test_rmmod_in_use_is_refused() {
	load rcubic
	path 20 100 200 0
	connect setsockopt-string=6:13:rcubic
	local message; message=$(refused rmmod tcp_rcubic)
	disconnect
	echo "$message" | grep -qE 'in use|temporarily unavailable' || { no "$message"; return 1; }
	rmmod tcp_rcubic || no "refused after the connection has ended"
}

test_rmmod_of_the_default_is_refused() {
	load rcubic
	sysctl -qw net.ipv4.tcp_congestion_control=rcubic
	local message; message=$(refused rmmod tcp_rcubic)
	sysctl -qw net.ipv4.tcp_congestion_control=cubic
	echo "$message" | grep -qE 'in use|temporarily unavailable' || no "$message"
}

test_unload() {
	load rreno
	load rcubic
	rmmod tcp_rreno tcp_rcubic || return 1
	has "$(available)" rcubic && { no "rcubic is still available"; return 1; }
	loaded tcp_rcubic && { no "still loaded"; return 1; }
	load rcubic || return 1
	rmmod tcp_rcubic
}

test_bpf_forms_load_beside_the_modules() {
	local name object
	load rreno
	load rcubic
	for object in bpf/*.bpf.o; do
		name=$(basename "$object" .bpf.o)_bpf
		load "$name" || { no "$object does not load"; return 1; }
	done
	for name in rreno rcubic rreno_bpf rcubic_bpf; do
		has "$(available)" $name || { no "$name is not available"; return 1; }
	done
}

test_bpf_forms_are_selected_by_name() {
	local name
	for name in rcubic rreno_bpf rcubic_bpf; do
		load $name || return 1
	done
	path 20 100 200 0
	for name in rreno_bpf rcubic rcubic_bpf; do
		uses $name "setsockopt-string=6:13:$name" || return 1
	done
}

test_bpf_rreno_carries_a_file_over_loss_and_reordering() { loads_and_carries rreno_bpf; }
test_bpf_rcubic_carries_a_file_over_loss_and_reordering() { loads_and_carries rcubic_bpf; }

test_bpf_form_goes_with_its_link() {
	load rreno_bpf || return 1
	rm $links/rreno_bpf
	sleep 1
	has "$(available)" rreno_bpf && { no "rreno_bpf is still available"; return 1; }
	load rreno_bpf || no "rreno_bpf does not load again"
}

test_get_info_is_shown_by_ss() {
	load rtest
	path 20 100 200 0
	connect setsockopt-string=6:13:rtest
	local shown; shown=$(ip netns exec snd ss -Htni dport = ":$port")
	disconnect
	echo "$shown" | grep -qE '\brtest\b.* bbr:\(bw:57920000bps,mrtt:2[0-9.]+,pacing_gain:2,cwnd_gain:4\)' ||
		no "$shown"
}

test_custom_control_sets_window_and_pacing_rate() {
	load rtest
	path 20 100 200 0
	echo 33 >/sys/module/tcp_rtest/parameters/window
	connect setsockopt-string=6:13:rtest
	local shown; shown=$(ip netns exec snd ss -Htni dport = ":$port")
	disconnect
	echo 50 >/sys/module/tcp_rtest/parameters/window
	echo "$shown" | grep -q 'cwnd:33 .*pacing_rate 57920000bps' || no "$shown"
}

test_fallback_without_ecn() {
	load rtest
	path 20 100 200 0
	ip netns exec rcv sysctl -qw net.ipv4.tcp_ecn=0
	connect setsockopt-string=6:13:rtest-ecn
	local shown users; shown=$(ip netns exec snd ss -Htni dport = ":$port")
	users=$(awk '$1 == "tcp_rtest" { print $3 }' /proc/modules)
	disconnect
	echo "$shown" | grep -q 'rtest-reno .*dctcp:fallback_mode' || { no "$shown"; return 1; }
	[ "$users" = 1 ] || { no "$users references to the module"; return 1; }
	rmmod tcp_rtest || no "a reference is left"
}

test_ecn_is_kept_and_echoed() {
	load rtest
	path 20 100 200 0
	tc qdisc change dev to-rcv root netem rate 100mbit delay 10ms limit 300 loss 5% ecn seed 7
	local ns
	for ns in snd rcv; do
		ip netns exec $ns sysctl -qw net.ipv4.tcp_ecn=1 net.ipv4.tcp_congestion_control=rtest-ecn
	done
	connect
	head -c 1000000 payload >&8
	local shown marked; shown=$(ip netns exec snd ss -Htni dport = ":$port")
	marked=$(ip netns exec rcv nstat -azs IpExtInCEPkts | awk '/CEPkts/ { print $2 }')
	disconnect
	ip netns del snd
	ip netns del rcv
	echo "$shown" | grep -q 'rtest-ecn .*dctcp:(ce_state:.*delivered_ce:[1-9]' || { no "$shown"; return 1; }
	[ "$marked" -gt 10 ] || no "$marked packets were marked"
}

test_autoload_by_alias() {
	rmmod tcp_rtest 2>/dev/null
	mkdir -p "/lib/modules/$(uname -r)/extra"
	cp modules/tcp_rtest.ko "/lib/modules/$(uname -r)/extra/"
	depmod
	sysctl -qw net.ipv4.tcp_congestion_control=rtest-ecn || return 1
	sysctl -qw net.ipv4.tcp_congestion_control=cubic
	loaded tcp_rtest || no "not loaded"
}

test_parameters() {
	rmmod tcp_rtest 2>/dev/null
	insmod modules/tcp_rtest.ko window=20 paced=n gain=256 || return 1
	cd /sys/module/tcp_rtest/parameters || return 1
	[ "$(cat window pace paced gain | tr '\n' ' ')" = "20 0 N 256 " ] || { no "$(cat ./*)"; return 1; }
	echo 1000 >window && echo -4000 >pace && echo 1 >paced || return 1
	[ "$(cat window pace paced | tr '\n' ' ')" = "1000 -4000 Y " ] || { no "$(cat ./*)"; return 1; }
	local value
	for value in 0 1001 -1 x '' 4294967297 '1 1'; do
		(echo "$value" >window) 2>/dev/null && { no "'$value' was taken"; return 1; }
	done
	(echo -4001 >pace) 2>/dev/null && { no "-4001 was taken"; return 1; }
	(echo 2 >paced) 2>/dev/null && { no "2 is not a bool"; return 1; }
	[ "$(cat window pace paced | tr '\n' ' ')" = "1000 -4000 Y " ] || { no "changed: $(cat ./*)"; return 1; }
	[ "$(stat -c %a window gain | tr '\n' ' ')" = "644 444 " ] || no "$(stat -c '%n %a' ./*)"
}

test_parameters_out_of_bounds_do_not_load() {
	rmmod tcp_rtest 2>/dev/null
	refused insmod modules/tcp_rtest.ko gain=255 | grep -q 'Invalid parameters' || return 1
	rmmod tcp_rcubic 2>/dev/null
	refused insmod modules/tcp_rcubic.ko beta=1024 | grep -q 'Invalid parameters'
}

test_a_second_table_that_is_taken_takes_back_the_first() {
	rmmod tcp_rtest 2>/dev/null
	insmod modules/tcp_rtaken.ko || return 1
	# The kernel makes EBUSY of a module's EEXIST, which says that the module is loaded already.
	refused insmod modules/tcp_rtest.ko | grep -q 'busy\|File exists' || { no "no EEXIST"; return 1; }
	has "$(available)" rtest && { no "rtest is still available"; return 1; }
	rmmod tcp_rtaken
}

run_tests
