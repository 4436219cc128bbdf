# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Sourced by the scripts of tests/kfunc, each in a guest: what their tests have in common.
# shellcheck source=../../scripts/ferrops/guest/transfer.sh
. ./transfer.sh
# shellcheck source=../guest/tests.sh
. ./tests.sh

links=/sys/fs/bpf/links

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

register() { [ -e "$links/$2" ] || bpftool struct_ops register "$1.bpf.o" $links; }
unregister() { rm -f "$links/$1"; }

# A program in refused/ is refused with the message that it names.
is_refused() { # NAME
	local message expected
	expected=$(sed -n 's,^/\* refused: \(.*\) \*/$,\1,p' "refused/$1.bpf.c")
	message=$(bpftool struct_ops register "refused/$1.bpf.o" $links 2>&1 ||
		bpftool prog loadall "refused/$1.bpf.o" /sys/fs/bpf/wrong 2>&1)
	[ -e /sys/fs/bpf/wrong ] || [ -e $links/wrong ] && { rm -rf /sys/fs/bpf/wrong $links/wrong; no "it loads"; return 1; }
	echo "$message" | grep -qE "$expected" || no "$message"
}

mount -t bpf bpf /sys/fs/bpf 2>/dev/null
mkdir -p $links
