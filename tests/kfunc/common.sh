# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Sourced by the scripts of tests/kfunc, each in a guest: what their tests have in common.
# A test is a function test_...; it succeeds, or says why and fails.
# shellcheck source=../../scripts/transfer.sh
. ./transfer.sh

links=/sys/fs/bpf/links

no() { echo "$*"; return 1; }
has() { case " $1 " in *" $2 "*) return 0 ;; *) return 1 ;; esac; }
available() { sysctl -n net.ipv4.tcp_available_congestion_control; }
loaded() { grep -q "^$1 " /proc/modules; }

load() { # NAME...
	local name
	for name; do loaded "$name" || insmod "modules/$name.ko" || return 1; done
}

# Programs go some time after their links, and modules can be unloaded after that. So do
# namespaces, whose default keeps an algorithm.
unload() { # NAME...
	local name tries
	ip netns del snd 2>/dev/null
	ip netns del rcv 2>/dev/null
	for name; do
		tries=0
		while loaded "$name" && ! rmmod "$name" 2>/dev/null; do
			tries=$((tries + 1))
			[ $tries -lt 50 ] || { no "rmmod $name: $(rmmod "$name" 2>&1)"; return 1; }
			sleep 0.1
		done
	done
}

# The message of a command that has to fail.
refused() {
	local message
	message=$("$@" 2>&1) && { no "'$*' succeeded"; return 1; }
	echo "$message"
}

register() { [ -e "$links/$2" ] || bpftool struct_ops register "$1.bpf.o" $links; }
unregister() { rm -f "$links/$1"; }

carries() { # NAME
	path 20 50 100 1
	tc qdisc change dev to-rcv root netem rate 50mbit delay 10ms limit 200 loss 1% reorder 2% 50% seed 7
	transfer "$1" payload "$(sha256sum <payload | cut -d' ' -f1)" "$1"
}

# Prints "ok NAME" or "not ok NAME: reason" for a test. If there is a file "only", tests that are
# not named in it do not run.
report() { # NAME COMMAND...
	local name=$1 reason
	shift
	[ ! -e only ] || grep -qxF -- "$name" only || return 0
	if reason=$("$@" 2>&1 </dev/null); then
		echo "ok $name"
	else
		echo "not ok $name: $(echo "$reason" | tr '\n' ' ')"
	fi
}

# A program in wrong/ is refused with the message that it names.
is_refused() { # NAME
	local message expected
	expected=$(sed -n 's,^/\* refused: \(.*\) \*/$,\1,p' "wrong/$1.bpf.c")
	message=$(bpftool struct_ops register "wrong/$1.bpf.o" $links 2>&1 ||
		bpftool prog loadall "wrong/$1.bpf.o" /sys/fs/bpf/wrong 2>&1)
	[ -e /sys/fs/bpf/wrong ] || [ -e $links/wrong ] && { rm -rf /sys/fs/bpf/wrong $links/wrong; no "it loads"; return 1; }
	echo "$message" | grep -qE "$expected" || no "$message"
}

# Prints "ok NAME" or "not ok NAME: reason" for each test of the script.
run_all() {
	local name
	# shellcheck disable=SC2013 # a name is a word
	for name in $(sed -n 's/^\(test_[a-z_]*\)() .*/\1/p' script); do
		report "${name#test_}" "$name"
	done
}

mount -t bpf bpf /sys/fs/bpf 2>/dev/null
mkdir -p $links
