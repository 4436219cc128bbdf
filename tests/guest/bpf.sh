#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# In a guest with any kernel: the algorithms as BPF objects (bpf/NAME.bpf.o), loaded with
# ccload, and what it says when something is wrong. probes/ has objects for that.
#
#   HZ MAX_TCP_HEADER    what they are in this kernel
#
# Prints KTAP, and what is loaded into /out/programs.
# shellcheck source=../../scripts/ferrops/guest/transfer.sh
. ./transfer.sh
# shellcheck source=tests.sh
. ./tests.sh

hz=$1 max_tcp_header=$2
pins=/sys/fs/bpf/ferrops

# libbpf looks here for HZ; ccload must not need it.
mkdir /tmp/boot && mv /boot/* /tmp/boot/

ccload() { ./ccload "$@"; }

# An object of this table, unless it is registered.
load() { [ -e "$pins/$1" ] || ccload load "$(object "$1")"; }
unload() { [ ! -e "$pins/$1" ] || ccload unload "$1"; }
object() { ls "bpf/${1%_bpf}.bpf.o" "probes/${1%_bpf}.bpf.o" 2>/dev/null; }

# How many tables of this name there are, with those that only connections still use.
tables() { bpftool map show | grep -c "struct_ops  name $1 "; }
until_tables() { # NAME COUNT
	local tries=0
	until [ "$(tables "$1")" = "$2" ]; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || { no "$(tables "$1") tables $1"; return 1; }
		sleep 0.05
	done
}

# The value of a variable of an object that is loaded; its maps have the object's name, and those of
# one that was just unloaded may still be there, before.
variable() { # OBJECT VARIABLE
	bpftool map dump name "$1.data" | sed -n "s/.*\"$2\": \([0-9]*\).*/\1/p" | tail -n 1
}

# With other connections going on.
on_port() { # PORT COMMAND...
	local port=$1
	shift
	"$@"
}

# Succeeds if ccload fails with this message, in one line.
says() { # MESSAGE ARGUMENT...
	local message expected=$1
	shift
	message=$(refused ./ccload "$@") || { no "$message"; return 1; }
	[ "$(echo "$message" | grep -c .)" = 1 ] || { no "more than a line: $message"; return 1; }
	case $message in
	"ccload: error: $expected"*) ;;
	*) no "it says '$message'" ;;
	esac
}

test_all_objects_load() {
	local path name
	for path in bpf/*.bpf.o; do
		name=$(basename "$path" .bpf.o)_bpf
		load "$name" || return 1
		has "$(available)" "$name" || { no "$name is not available"; return 1; }
	done
	ccload list --programs >/out/programs
}

test_constants_are_the_kernels() {
	load rkernel_bpf || return 1
	path 20 100 200 0
	ip netns exec snd sysctl -qw net.ipv4.tcp_slow_start_after_idle=0
	connect setsockopt-string=6:13:rkernel_bpf
	# Sending begins anew each time, and is never a window event.
	sleep 0.2; echo more >&8; sleep 0.2; echo more >&8; sleep 0.2
	local shown; shown=$(shown)
	disconnect
	unload rkernel_bpf
	echo "$shown" | grep -q " cwnd:$max_tcp_header " || { no "no cwnd:$max_tcp_header in $shown"; return 1; }
	echo "$shown" | grep -q " ssthresh:${hz}[3-9] " || no "no ssthresh:${hz}N in $shown"
}

test_parameters_have_defaults_and_change() {
	load rcubic_bpf || return 1
	ccload list | grep -q '^rcubic_bpf .*beta=717 .*bic_scale=41 ' || { no "$(ccload list)"; return 1; }
	ccload set rcubic_bpf beta=600 hystart=0 || return 1
	ccload list | grep -q '^rcubic_bpf .*beta=600 .*hystart=N ' || { no "$(ccload list)"; return 1; }
	[ "$(variable rcubic beta)" = 600 ] || { no "bpftool sees $(variable rcubic beta)"; return 1; }
	# As in a module, what was derived on loading stays.
	[ "$(variable rcubic beta_scale)" = 15 ] || no "beta_scale is $(variable rcubic beta_scale)"
	ccload set rcubic_bpf beta=717 hystart=1
}

test_parameters_are_derived_on_loading() {
	unload rcubic_bpf
	ccload load bpf/rcubic.bpf.o beta=512 bic_scale=0x52 || return 1
	local values; values="$(variable rcubic beta_scale) $(variable rcubic cube_rtt_scale) $(variable rcubic cube_factor)"
	unload rcubic_bpf
	# 8 (1024 + 512) / 3 / (1024 - 512); 82 * 10; 2^40 / 820
	[ "$values" = "8 820 1340867838" ] || no "derived: $values"
}

test_wrong_parameters() {
	unload rcubic_bpf
	unload rreno_bpf
	path 20 100 200 0
	until_tables rcubic_bpf 0 || return 1
	says "beta=1024: beta has to be from 0 to 1023" load bpf/rcubic.bpf.o beta=1024 || return 1
	says "beta=-1: beta has to be from 0 to 1023" load bpf/rcubic.bpf.o beta=-1 || return 1
	says "beta=x: 'x' is not a number" load bpf/rcubic.bpf.o beta=x || return 1
	says "rcubic_bpf has no parameter bta; it has fast_convergence, beta, " load bpf/rcubic.bpf.o bta=5 || return 1
	says "rreno_bpf has no parameter beta: it has none at all" load bpf/rreno.bpf.o beta=5 || return 1
	[ "$(tables rcubic_bpf)" = 0 ] || { no "something is loaded all the same"; return 1; }
	load rcubic_bpf || return 1
	says "beta=1024: beta has to be" set rcubic_bpf hystart=0 beta=1024 || return 1
	says "bic_scale can only be given on loading" set rcubic_bpf bic_scale=50 || return 1
	ccload list | grep -q '^rcubic_bpf .*beta=717 .*hystart=Y ' || no "changed: $(ccload list)"
}

test_replace_under_traffic() {
	load rcubic_bpf || return 1
	path 20 10 100 0
	until_tables rcubic_bpf 1 || return 1
	(transfer rcubic_bpf payload "$(sha256sum <payload | cut -d' ' -f1)" replaced) &
	local carried=$!
	sleep 0.2
	[ -n "$(ip netns exec snd ss -Htn state established dport = ":$port")" ] || { no "nothing is sent"; return 1; }
	ccload replace bpf/rcubic.bpf.o beta=512 || return 1
	ccload list | grep -q '^rcubic_bpf .*beta=512 ' || { no "$(ccload list)"; return 1; }
	# The old table stays for the old connection; a new one has the new.
	until_tables rcubic_bpf 2 || return 1
	on_port 5002 uses rcubic_bpf setsockopt-string=6:13:rcubic_bpf || return 1
	[ -n "$(ip netns exec snd ss -Htn state established dport = ":$port")" ] || { no "the file was there too early"; return 1; }
	wait $carried || { no "the file did not arrive whole"; return 1; }
	# It is also the default of that namespace, which is the old one until it is chosen again.
	until_tables rcubic_bpf 2 || return 1
	ip netns exec snd sysctl -qw net.ipv4.tcp_congestion_control=rcubic_bpf || return 1
	until_tables rcubic_bpf 1
}

test_replace_the_default() {
	load rreno_bpf || return 1
	path 20 10 100 0
	sysctl -qw net.ipv4.tcp_congestion_control=rreno_bpf
	ccload replace bpf/rreno.bpf.o || return 1
	# The default is the new one: nothing has the old.
	until_tables rreno_bpf 1 || return 1
	[ "$(sysctl -n net.ipv4.tcp_congestion_control)" = rreno_bpf ] || { no "it is no longer the default"; return 1; }
	sysctl -qw net.ipv4.tcp_congestion_control=cubic
}

test_unload_in_use() {
	load rreno_bpf || return 1
	path 20 100 200 0
	connect setsockopt-string=6:13:rreno_bpf
	ccload unload rreno_bpf || return 1
	sleep 0.5
	has "$(available)" rreno_bpf && { no "still available"; return 1; }
	head -c 1000000 payload >&8
	sleep 1
	local shown; shown=$(shown)
	disconnect
	echo "$shown" | grep -qE '\brreno_bpf\b.* bytes_acked:1[0-9]{6} ' || { no "$shown"; return 1; }
	until_tables rreno_bpf 0 || return 1
	load rreno_bpf || return 1
}

test_bpftool_and_ccload_see_the_same() {
	unload rreno_bpf
	until_tables rreno_bpf 0 || return 1
	bpftool struct_ops register bpf/rreno.bpf.o $pins >/dev/null || return 1
	says "rreno_bpf is registered already" load bpf/rreno.bpf.o || return 1
	ccload list | grep -q '^rreno_bpf$' || { no "$(ccload list)"; return 1; }
	ccload replace bpf/rreno.bpf.o || return 1
	rm $pins/rreno_bpf
	until_tables rreno_bpf 0 || return 1
	load rreno_bpf || return 1
}

# The window that a new connection with this congestion control begins with.
begins_with() { # NAME WINDOW
	local shown
	connect "setsockopt-string=6:13:$1"
	shown=$(shown)
	disconnect
	echo "$shown" | grep -q " cwnd:$2 " || no "no cwnd:$2 in $shown"
}

test_the_table_has_another_name_than_the_variable() {
	ccload load probes/first.bpf.o || return 1
	path 20 100 200 0
	has "$(available)" my_cc || { no "my_cc is not available"; return 1; }
	ccload list | grep -q '^my_cc$' || { no "$(ccload list)"; return 1; }
	begins_with my_cc 11 || return 1
	says "my_cc is registered already" load probes/second.bpf.o || return 1
	sysctl -qw net.ipv4.tcp_congestion_control=my_cc
	ccload replace probes/second.bpf.o || return 1
	begins_with my_cc 13 || return 1
	has "$(sysctl -n net.ipv4.tcp_allowed_congestion_control)" my_cc ||
		{ no "it is no longer allowed"; return 1; }
	# The default is the new one, too.
	until_tables my_variable 1 || return 1
	sysctl -qw net.ipv4.tcp_congestion_control=cubic
	says "my_variable is not registered" unload my_variable || return 1
	ccload unload my_cc || return 1
	until_tables my_variable 0
}

test_bpftool_pins_under_the_name_of_the_variable() {
	bpftool struct_ops register probes/first.bpf.o $pins >/dev/null || return 1
	path 20 100 200 0
	[ -e $pins/my_variable ] || { no "bpftool pins elsewhere: $(ls $pins)"; return 1; }
	ccload list | grep -q "^my_cc ($pins/my_variable)$" || { no "$(ccload list)"; return 1; }
	says "my_cc is registered already" load probes/first.bpf.o || return 1
	ccload replace probes/second.bpf.o || return 1
	begins_with my_cc 13 || return 1
	ccload unload my_cc || return 1
	until_tables my_variable 0
}

test_a_table_without_a_link() {
	says "probes/unlinked.bpf.o: my_variable is in the section .struct_ops, whose tables end with the program that loads them; it has to be in .struct_ops.link" load probes/unlinked.bpf.o || return 1
	[ "$(ls $pins/my_* 2>/dev/null)" = "" ] || no "it is pinned: $(ls $pins)"
}

test_a_source_that_is_not_utf_8() {
	says "ssthresh: the verifier refuses it: " load probes/refused.bpf.o || return 1
	refused ./ccload load probes/refused.bpf.o | grep -q 'at: .*Gr ..*e \*/' ||
		no "$(refused ./ccload load probes/refused.bpf.o)"
}

test_what_is_foreign_hides_nothing() {
	load rreno_bpf || return 1
	load rcubic_bpf || return 1
	mkdir $pins/a_directory
	bpftool map pin id "$(bpftool map show | sed -n '1s/:.*//p')" $pins/b_map || return 1
	local listed status=0
	listed=$(ccload list 2>/tmp/foreign) || status=$?
	local foreign; foreign=$(cat /tmp/foreign)
	rmdir $pins/a_directory
	rm $pins/b_map
	[ $status = 0 ] || { no "ends with $status"; return 1; }
	[ "$(echo "$listed" | grep -cE '^(rreno|rcubic)_bpf( |$)')" = 2 ] || { no "$listed"; return 1; }
	[ "$(echo "$foreign" | grep -cE "^ccload: $pins/(a_directory|b_map) is not a congestion control's: ")" = 2 ] ||
		{ no "$foreign"; return 1; }
	[ "$(echo "$foreign" | wc -l)" = 2 ] || { no "$foreign"; return 1; }
	# In the way of a table's link.
	mkdir $pins/my_cc
	says "$pins/my_cc is not a congestion control's: " load probes/first.bpf.o &&
		says "$pins/my_cc is not a congestion control's: " unload my_cc || status=1
	rmdir $pins/my_cc
	return $status
}

test_replacing_leaves_no_message() {
	load rreno_bpf || return 1
	local before; before=$(dmesg | wc -l)
	ccload replace bpf/rreno.bpf.o || return 1
	[ "$(dmesg | wc -l)" = "$before" ] || no "$(dmesg | tail -n 2)"
}

test_what_is_not_registered() {
	says "nobody_bpf is not registered: there is no $pins/nobody_bpf" unload nobody_bpf || return 1
	says "nobody_bpf is not registered" set nobody_bpf beta=1 || return 1
	unload rreno_bpf
	says "rreno_bpf is not registered" replace bpf/rreno.bpf.o || return 1
	says "../ferrops is not registered" unload ../ferrops
}

test_a_name_that_the_kernel_has() {
	load rreno_bpf || return 1
	until_tables rreno_bpf 1
	mkdir -p /sys/fs/bpf/elsewhere
	says "the kernel has a congestion control rreno_bpf already" --pins /sys/fs/bpf/elsewhere load bpf/rreno.bpf.o
}

test_no_bpf_file_system() {
	says "/tmp/pins is not in a BPF file system" --pins /tmp/pins load bpf/rreno.bpf.o
}

test_what_is_no_object() {
	echo nothing >/tmp/nothing
	says "/tmp/none.o: there is no such file" load /tmp/none.o || return 1
	says "/tmp: not a file" load /tmp || return 1
	says "/tmp/nothing: this is not a BPF object" load /tmp/nothing || return 1
	says "probes/scheduler.bpf.o: scx_rparts is not a struct tcp_congestion_ops" load probes/scheduler.bpf.o
}

test_no_privileges() {
	grep -q ^user: /etc/passwd || echo 'user:x:1000:1000::/tmp:/bin/sh' >>/etc/passwd
	local message; message=$(refused su user -c './ccload load bpf/rreno.bpf.o')
	[ "$message" = "ccload: error: loading a congestion control takes CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN; run this as root" ] ||
		no "$message"
}

test_a_loop_without_bound() {
	says "ssthresh: the verifier refuses it: " load probes/rloop.bpf.o
}

test_a_variable_index_into_the_state() {
	says "ssthresh: the verifier refuses it: " load probes/rindex.bpf.o || return 1
	refused ./ccload load probes/rindex.bpf.o | grep -q 'at: memory.windows\[index\] = ' ||
		no "$(refused ./ccload load probes/rindex.bpf.o)"
}

test_a_kfunc_that_is_not_there() {
	says "the kernel has no function rcubic_acked for BPF to call (a kfunc)" load probes/kfuncs.bpf.o
}

test_a_field_that_is_not_there() {
	if grep -q accecn_opt_tstamp /sys/kernel/btf/vmlinux; then
		ccload load probes/rnewer.bpf.o && ccload unload rnewer_bpf
	else
		says "ssthresh: this kernel has no struct tcp_sock.accecn_opt_tstamp" load probes/rnewer.bpf.o
	fi
}

# In the place of the kernel's BTF another is seen by ccload.
with_btf() { # FILE COMMAND...
	local status=0
	mount --bind "$1" /sys/kernel/btf/vmlinux
	shift
	"$@" || status=1
	umount /sys/kernel/btf/vmlinux
	return $status
}

test_a_kernel_without_struct_ops() {
	unload rreno_bpf
	with_btf probes/without.btf says "this kernel takes no congestion controls from BPF" load bpf/rreno.bpf.o
}

test_a_kernel_without_btf() {
	with_btf /dev/null says "this kernel has no BTF" load bpf/rreno.bpf.o
}

test_a_kernel_with_other_callbacks() {
	with_btf probes/callbacks.btf says "this kernel calls ssthresh(struct sock *, unsigned int), and the object's is ssthresh(struct sock *)" load bpf/rreno.bpf.o
}

test_a_kernel_with_other_events() {
	with_btf probes/events.btf says "CA_EVENT_CWND_RESTART is 2 in this kernel, and 1 in the object" load probes/rkernel.bpf.o
}

# A file with each object.
loads_and_carries() {
	load "$1" >/dev/null 2>&1
	carries "$1"
}
for file in bpf/*.bpf.o; do
	name=$(basename "$file" .bpf.o)
	add "carries_a_file_$name" loads_and_carries "${name}_bpf"
done

run_tests
