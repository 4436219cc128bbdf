#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Sourced by guest scripts that are tests, after transfer.sh. Each test is a function
# test_...; it succeeds, or says why and fails.
# shellcheck disable=SC2154 # transfer.sh has $port

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
	until [ -z "$(ip netns exec snd ss -Htan state established dport = ":$port")" ]; do sleep 0.05; done
}

# What ss says of the open connection.
shown() { ip netns exec snd ss -Htni dport = ":$port"; }

# The congestion control of the open connection.
in_use() { shown | tr '[:space:]' '\n' | grep -xF "$(available | tr ' ' '\n')" | head -n 1; }

# Succeeds if a new connection uses the algorithm NAME.
uses() { # NAME [SOCAT-OPTION]
	local used
	connect "${2:-}"
	used=$(in_use)
	disconnect
	[ "$used" = "$1" ] || no "the connection uses '$used'"
}

# Succeeds if a file arrives whole over a path that loses and reorders.
carries() { # NAME
	path 20 50 100 1
	tc qdisc change dev to-rcv root netem rate 50mbit delay 10ms limit 200 loss 1% reorder 2% 50% seed 7
	transfer "$1" payload "$(sha256sum <payload | cut -d' ' -f1)" "$1" || return 1
	local retransmits
	retransmits=$(ip netns exec snd nstat -azs TcpRetransSegs | awk '/Retrans/ { print $2 }')
	[ "$retransmits" -gt 0 ] || no "nothing was lost"
}

# A test beside the functions of the script, which run after it. Each argument is a word.
add() { # NAME FUNCTION [ARGUMENT...]
	added="${added-}$*
"
}

# Runs all tests and prints KTAP: why a test fails, which is what it printed, is the line before
# its result. If there is a file "only", tests that are not named in it do not run.
run_tests() {
	local all number=0 name function arguments reason
	all=$(printf '%s' "${added-}"; sed -n 's/^test_\([a-z0-9_]*\)() .*/\1 test_\1/p' script)
	[ ! -e only ] || all=$(echo "$all" | awk 'NR == FNR { only[$1]; next } $1 in only' only -)
	printf 'KTAP version 1\n1..%d\n' "$(echo "$all" | grep -c .)"
	while read -r name function arguments; do
		[ -n "$name" ] || continue
		number=$((number + 1))
		# shellcheck disable=SC2086 # several words
		if reason=$("$function" $arguments 2>&1 </dev/null); then
			echo "ok $number $name"
		else
			echo "# $(echo "$reason" | tr '\n' ' ')"
			echo "not ok $number $name"
		fi
	done <<-END
		$all
	END
}
