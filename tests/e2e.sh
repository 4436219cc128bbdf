#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# End to end, in a guest with the stock kernel: what a user does with a module.
# Each test is a function test_...; it succeeds, or says why and fails. Prints
# "ok NAME" or "not ok NAME: reason" for each.
# shellcheck source=../scripts/transfer.sh
. ./transfer.sh

no() { echo "$*"; return 1; }

has() { case " $1 " in *" $2 "*) return 0 ;; *) return 1 ;; esac; }
available() { sysctl -n net.ipv4.tcp_available_congestion_control; }
loaded() { grep -q "^$1 " /proc/modules; }

# The message of a command that has to fail.
refused() {
	local message
	message=$("$@" 2>&1) && { no "'$*' succeeded"; return 1; }
	echo "$message"
}

load() { loaded "tcp_$1" || insmod "modules/tcp_$1.ko"; }

# A connection over the path that stays open: its sender's pid is in $connection.
# More arguments are socat's for the sender's socket.
connect() {
	ip netns exec rcv socat -u "TCP-LISTEN:$port,reuseaddr" OPEN:/dev/null &
	listener=$!
	until ip netns exec rcv ss -Hltn | grep -q ":$port"; do sleep 0.01; done
	mkfifo /tmp/open 2>/dev/null
	ip netns exec snd socat -u OPEN:/tmp/open "TCP:10.0.2.1:$port${1:+,$1}" &
	connection=$!
	exec 8>/tmp/open
	echo data >&8
	until ip netns exec snd ss -Htn state established | grep -q ":$port"; do sleep 0.01; done
	sleep 0.2
}

disconnect() {
	exec 8>&-
	wait "$connection" "$listener" 2>/dev/null
	until [ -z "$(ip netns exec snd ss -Htan state established)" ]; do sleep 0.05; done
}

# The congestion control of the open connection.
in_use() { ip netns exec snd ss -Htni dport = ":$port" | grep -oE '\b(cubic|rcubic|rreno|reno)\b' | head -n 1; }

# Succeeds if a new connection uses the algorithm NAME.
uses() { # NAME [SOCAT-OPTION]
	local used
	connect "${2:-}"
	used=$(in_use)
	disconnect
	[ "$used" = "$1" ] || no "the connection uses '$used'"
}

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

carries() {
	load "$1"
	path 20 50 100 1
	tc qdisc change dev to-rcv root netem rate 50mbit delay 10ms limit 200 loss 1% reorder 2% 50% seed 7
	transfer "$1" payload "$(sha256sum <payload | cut -d' ' -f1)" "$1" || return 1
	local retransmits
	retransmits=$(ip netns exec snd nstat -azs TcpRetransSegs | awk '/Retrans/ { print $2 }')
	[ "$retransmits" -gt 0 ] || no "nothing was lost"
}

test_rreno_carries_a_file_over_loss_and_reordering() { carries rreno; }
test_rcubic_carries_a_file_over_loss_and_reordering() { carries rcubic; }

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

# Every test above, in the order of this file; what one prints is its reason.
# shellcheck disable=SC2013 # a name is a word
for name in $(sed -n 's/^\(test_[a-z_]*\)() .*/\1/p' script); do
	if reason=$("$name" 2>&1 </dev/null); then
		echo "ok ${name#test_}"
	else
		echo "not ok ${name#test_}: $(echo "$reason" | tr '\n' ' ')"
	fi
done
