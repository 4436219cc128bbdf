#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Kfuncs, in a guest with the stock kernel: what C, Rust and BPF make of the modules'
# functions; and that each program in refused/ is refused.
# shellcheck source=common.sh
. ./common.sh

# --- Calls ----------------------------------------------------------------

returns_zero() { # PROGRAM...
	local program
	for program; do
		bpftool prog run pinned "$program" data_in payload.64 | grep -q 'Return value: 0,' ||
			{ no "$program: $(bpftool prog run pinned "$program" data_in payload.64 2>&1)"; return 1; }
	done
}

test_every_kind_of_argument_and_result_crosses_from_bpf() {
	load tcp_rkinds && bpftool prog loadall kinds.bpf.o /sys/fs/bpf/kinds || return 1
	returns_zero /sys/fs/bpf/kinds/*
	local status=$?
	rm -r /sys/fs/bpf/kinds
	return $status
}

test_every_kind_of_argument_and_result_crosses_from_rust() {
	load tcp_rreno tcp_rparts tcp_rkinds tcp_rimport || return 1
	bpftool prog loadall imports.bpf.o /sys/fs/bpf/imports || return 1
	returns_zero /sys/fs/bpf/imports/*
	local status=$?
	rm -r /sys/fs/bpf/imports
	return $status
}

test_every_kind_of_argument_and_result_crosses_from_pointers_in_c() {
	load tcp_rkinds cpointers && unload cpointers
}

test_a_rust_module_on_imported_functions_carries_a_file() {
	load tcp_rreno tcp_rparts tcp_rkinds tcp_rimport && carries rimport
}

test_a_c_module_on_exported_functions_carries_a_file() {
	load tcp_rcubic tcp_crcubic && carries crcubic
}

test_a_bpf_table_of_rust_callbacks_carries_a_file() {
	load tcp_rcubic && register samples/bpf_rcubic bpf_rcubic && carries bpf_rcubic
}

test_a_bpf_model_on_rust_parts_carries_a_file() {
	load tcp_rparts && register samples/bpf_rmodel bpf_rmodel && carries bpf_rmodel
}

# A variable of a BPF object, by the first letters of the object's name.
variable() { bpftool --json map dump name "$1.bss" | grep -o "\"$2\":[0-9]*" | grep -o '[0-9]*$'; }

test_callbacks_cope_with_any_input() {
	load tcp_rcubic tcp_rbic tcp_rreno tcp_rdctcp tcp_rkinds && register random_state random_state || return 1
	carries random_state
	local status=$? made_up neither
	made_up=$(variable random_s made_up) neither=$(variable random_s neither)
	unregister random_state
	[ "${made_up:-0}" -gt 100 ] || { no "samples made up: $made_up"; return 1; }
	[ "$neither" = 0 ] || { no "a bool was neither true nor false $neither times of $made_up"; return 1; }
	return $status
}

test_a_custom_control_copes_with_any_input() {
	load tcp_rbbr && register random_bbr random_bbr || return 1
	carries random_bbr
	local status=$? made_up no_window
	made_up=$(variable random_b made_up) no_window=$(variable random_b no_window)
	unregister random_bbr
	[ "${made_up:-0}" -gt 100 ] || { no "samples made up: $made_up"; return 1; }
	[ "$no_window" = 0 ] || { no "no window $no_window times of $made_up"; return 1; }
	return $status
}

# A callback that would fall back leaves the socket to the table that it belongs to, without ECN
# too; otherwise the module would lose a reference that it never had.
test_a_callback_does_not_take_over_a_socket_of_others() {
	# Not with references of programs that are just going.
	unload tcp_rdctcp && load tcp_rdctcp && register own_dctcp own_dctcp || return 1
	references() { awk '$1 == "tcp_rdctcp" { print $3 }' /proc/modules; }
	{ sleep 0.5; ip netns exec snd ss -Htni dport = ":$port" | grep -o own_dctcp; references; } >/tmp/used &
	local watching=$! before; before=$(references)
	carries own_dctcp || return 1
	wait $watching
	unregister own_dctcp
	[ "$(tr '\n' ' ' </tmp/used)" = "own_dctcp $before " ] ||
		{ no "used: $(cat /tmp/used), and $before references before"; return 1; }
	unload tcp_rdctcp || return 1
	load tcp_rdctcp
}

test_a_scheduler_calls_a_kfunc() {
	load tcp_rparts && register samples/scx_rparts scx_rparts || return 1
	sleep 1
	local state turns
	state=$(cat /sys/kernel/sched_ext/state)
	turns=$(variable scx_rpar turns)
	unregister scx_rparts
	[ "$state" = enabled ] || { no "the scheduler is $state"; return 1; }
	[ "${turns:-0}" -gt 0 ] || no "never called: $turns"
}

# Nanoseconds that a program runs: one for each instruction, in virtual time.
runs() { bpftool prog run pinned "$1" data_in payload.64 repeat 100 | sed -n 's/.*duration[^:]*: \([0-9]*\)ns.*/\1/p'; }

test_a_call_costs_what_it_costs_in_c() {
	local calls bpf_to_c bpf_to_rust c_to_c c_to_rust rust_to_rust
	load tcp_rreno tcp_rparts tcp_rkinds tcp_rimport ckinds ccalls || return 1
	bpftool prog loadall cost.bpf.o /sys/fs/bpf/cost || return 1
	returns_zero /sys/fs/bpf/cost/*
	for calls in bpf_to_c bpf_to_rust c_to_c c_to_rust rust_to_rust; do
		eval "$calls=$(runs /sys/fs/bpf/cost/$calls)"
		eval "echo a thousand calls: $calls \$$calls ns" >&3
	done
	rm -r /sys/fs/bpf/cost
	[ "$bpf_to_c" -gt 4000 ] || { no "no figures"; return 1; }
	[ $((bpf_to_rust - bpf_to_c)) -le 1000 ] || { no "$bpf_to_c ns to C, $bpf_to_rust ns to Rust"; return 1; }
	# Not an instruction more a call; around the thousand calls there may be one.
	[ $((c_to_rust - c_to_c)) -lt 1000 ] || { no "from C: $c_to_c ns to C, $c_to_rust ns to Rust"; return 1; }
	[ $((rust_to_rust - c_to_c)) -lt 1000 ] || no "$c_to_c ns from C to C, $rust_to_rust ns from Rust to Rust"
}

# --- Loading and unloading ------------------------------------------------

# Fails if the table is not replaced while the file is on its way.
replaced_meanwhile() {
	local used
	sleep 0.5
	used=$(ip netns exec snd ss -Htni dport = ":$port" | grep -o bpf_rcubic | head -n 1)
	[ "$used" = bpf_rcubic ] || { no "no connection uses it: '$used'"; return 1; }
	# The old table lives as long as the connection; new ones get the new table.
	unregister bpf_rcubic
	register samples/bpf_rcubic bpf_rcubic || { no "not registered again"; return 1; }
	[ -n "$(ip netns exec snd ss -Htn dport = ":$port")" ] || no "the connection has ended before"
}

test_a_table_is_replaced_under_a_transfer() {
	load tcp_rcubic && register samples/bpf_rcubic bpf_rcubic || return 1
	replaced_meanwhile >/tmp/replaced 2>&1 &
	local replacing=$!
	carries bpf_rcubic || return 1
	wait $replacing || { cat /tmp/replaced; return 1; }
	carries bpf_rcubic
}

test_rmmod_is_refused_while_a_program_holds_the_module() {
	load tcp_rcubic && register samples/bpf_rcubic bpf_rcubic || return 1
	refused rmmod tcp_rcubic | grep -qE 'in use|temporarily' || { no "no refusal"; return 1; }
	unregister bpf_rcubic
	unload tcp_crcubic tcp_rcubic || return 1
	refused bpftool struct_ops register samples/bpf_rcubic.bpf.o $links |
		grep -q "'rcubic_[a-z_]*': not found in kernel or module BTFs" || no "found without the module"
}

# The orders of three words.
orders() { # WORD WORD WORD
	echo "$1,$2,$3 $1,$3,$2 $2,$1,$3 $2,$3,$1 $3,$1,$2 $3,$2,$1"
}

test_modules_load_and_unload_in_every_order() {
	local in out
	unregister bpf_rmodel; unregister bpf_rcubic
	unload ccalls ckinds tcp_rimport tcp_crcubic tcp_rcubic tcp_rkinds tcp_rparts tcp_rreno tcp_rbic tcp_rdctcp || return 1
	for in in $(orders tcp_rreno tcp_rparts tcp_rcubic); do
		for out in $(orders tcp_rreno tcp_rparts tcp_rcubic); do
			# shellcheck disable=SC2046 # three words each
			load $(echo "$in" | tr , ' ') || { no "$in, then $out"; return 1; }
			# shellcheck disable=SC2046
			unload $(echo "$out" | tr , ' ') || { no "$in, then $out"; return 1; }
		done
	done
}

begin() { # USER
	case $1 in
	c) load tcp_crcubic ;;
	bpf) register samples/bpf_rcubic bpf_rcubic ;;
	esac
}

end() { # USER
	case $1 in
	c) unload tcp_crcubic ;;
	bpf) unregister bpf_rcubic ;;
	esac
}

test_users_of_a_module_come_and_go_in_every_order() {
	local first last
	for first in c bpf; do
		for last in c bpf; do
			load tcp_rcubic && begin $first || return 1
			case $first in c) begin bpf ;; bpf) begin c ;; esac || return 1
			case $last in c) end bpf ;; bpf) end c ;; esac || return 1
			refused rmmod tcp_rcubic | grep -qE 'in use|temporarily' || { no "gone before $last"; return 1; }
			end $last && unload tcp_rcubic || return 1
		done
	done
}

test_a_module_without_what_it_imports_does_not_load() {
	unload tcp_rimport tcp_rparts || return 1
	dmesg -c >/dev/null
	refused insmod modules/tcp_rimport.ko | grep -q 'Unknown symbol' || { no "it loads"; return 1; }
	dmesg | grep -q 'tcp_rimport: Unknown symbol rparts_cubic_root' || no "$(dmesg)"
}

test_a_module_built_with_other_declarations_does_not_load() {
	load tcp_rreno tcp_rparts tcp_rkinds tcp_rcubic || return 1
	unload tcp_rimport tcp_crcubic || return 1
	local name
	for name in tcp_rimport tcp_crcubic; do
		dmesg -c >/dev/null
		refused insmod $name-of-another-build.ko | grep -q 'Unknown symbol' || { no "$name loads"; return 1; }
		dmesg | grep -q "$name: Unknown symbol tcp_r[a-z]*_kfuncs_another" || { no "$(dmesg)"; return 1; }
	done
}

# The verifier finds a function by its name alone, and first in the module that was loaded last.
test_a_function_of_the_name_in_another_module_is_not_called() {
	load tcp_rcubic tcp_rkinds || return 1
	unregister bpf_rcubic
	insmod modules/cshadow.ko || return 1
	refused register samples/bpf_rcubic bpf_rcubic |
		grep -q 'calling kernel function rcubic_recalc_ssthresh is not allowed' || { no "a table calls it"; return 1; }
	refused bpftool prog loadall kinds.bpf.o /sys/fs/bpf/kinds |
		grep -q 'calling kernel function rkinds_odd is not allowed' || { no "a program calls it"; return 1; }
	unload cshadow
	register samples/bpf_rcubic bpf_rcubic && unregister bpf_rcubic
}

test_a_callback_may_be_called_from_another_member() {
	load tcp_rcubic && register control_cubic control_cubic && carries control_cubic
	local status=$?
	unregister control_cubic
	return $status
}

test_what_others_import_cannot_be_unloaded() {
	load tcp_rreno tcp_rparts tcp_rkinds tcp_rimport || return 1
	refused rmmod tcp_rparts | grep -q 'in use by' || { no "it is gone"; return 1; }
	unload tcp_rimport tcp_rparts
}

test_modprobe_loads_what_is_needed() {
	unload ccalls tcp_rimport tcp_crcubic tcp_rcubic || return 1
	mkdir -p "/lib/modules/$(uname -r)/extra"
	cp modules/*.ko "/lib/modules/$(uname -r)/extra/"
	depmod
	modprobe tcp_crcubic && modprobe tcp_rimport || return 1
	loaded tcp_rcubic || { no "tcp_rcubic is not loaded"; return 1; }
	loaded tcp_rparts || { no "tcp_rparts is not loaded"; return 1; }
	modprobe -r tcp_crcubic && modprobe -r tcp_rimport
}

# --- The guide ------------------------------------------------------------

test_the_commands_of_the_guide_work_as_typed() {
	unregister bpf_rmodel; unregister bpf_rcubic
	unload tcp_crcubic tcp_rcubic tcp_rimport tcp_rparts || return 1
	mkdir -p build/bpf
	ln -s ../modules build/stock
	ln -s ../../samples build/bpf/samples
	sh -ex guide >guide.said 2>&1 || { no "$(tail -n 3 guide.said)"; return 1; }
	grep -qx 'net.ipv4.tcp_congestion_control = bpf_rcubic' guide.said || { no "bpf_rcubic was not chosen"; return 1; }
	grep -qx enabled guide.said || { no "the scheduler was not enabled"; return 1; }
	loaded tcp_rcubic && { no "tcp_rcubic is still there"; return 1; }
	! loaded tcp_rparts || no "tcp_rparts is still there"
}

# --- What can go wrong ----------------------------------------------------

test_a_name_that_is_exported_already_does_not_load() {
	load tcp_rcubic
	dmesg -c >/dev/null
	refused insmod tcp_rcubic-again.ko | grep -q 'Invalid module format' || { no "it loads"; return 1; }
	dmesg | grep -q 'exports duplicate symbol rcubic_[a-z_]* (owned by tcp_rcubic)' || no "$(dmesg)"
}

test_a_module_without_btf_exports_and_says_that_kfuncs_are_off() {
	unload tcp_crcubic tcp_rcubic || return 1
	dmesg -c >/dev/null
	insmod tcp_rcubic-without-btf.ko || return 1
	dmesg | grep -q 'tcp_rcubic: kfuncs are off: the module was built without BTF' || { no "$(dmesg)"; return 1; }
	has "$(available)" rcubic || { no "rcubic is not available"; return 1; }
	load tcp_crcubic || { no "C does not find the exports"; return 1; }
	unload tcp_crcubic tcp_rcubic
}

test_a_module_for_a_kernel_without_bpf_exports_and_says_that_kfuncs_are_off() {
	dmesg -c >/dev/null
	insmod tcp_rcubic-without-bpf.ko || return 1
	dmesg | grep -q 'tcp_rcubic: kfuncs are off: this kernel has no BPF, or no BTF of modules' || { no "$(dmesg)"; return 1; }
	has "$(available)" rcubic || { no "rcubic is not available"; return 1; }
	load tcp_crcubic || { no "C does not find the exports"; return 1; }
	refused register samples/bpf_rcubic bpf_rcubic >/dev/null || return 1
	unload tcp_crcubic tcp_rcubic
}

test_a_module_whose_btf_is_broken_does_not_load() {
	unload tcp_rcubic || return 1
	dmesg -c >/dev/null
	refused insmod tcp_rcubic-broken-btf.ko | grep -q 'Invalid' || { no "it loads"; return 1; }
	dmesg | grep -q 'failed to validate module \[tcp_rcubic\] BTF' || { no "$(dmesg)"; return 1; }
	loaded tcp_rcubic && { no "it is there"; return 1; }
	has "$(available)" rcubic && no "rcubic is available"
	load tcp_rcubic
}

test_a_kernel_that_does_not_take_kfuncs_says_so() {
	unload tcp_crcubic tcp_rcubic || return 1
	dmesg -c >/dev/null
	# What it registers is not functions.
	refused insmod tcp_rcubic-bad-ids.ko | grep -q 'Invalid' || { no "it loads"; return 1; }
	dmesg | grep -q 'tcp_rcubic: error: the kernel does not take the kfuncs for struct_ops programs' ||
		{ no "$(dmesg)"; return 1; }
	! loaded tcp_rcubic || no "it is there"
}

exec 3>&1
head -c 64 payload >payload.64
refuses() { load tcp_rcubic tcp_rdctcp tcp_rkinds && is_refused "$1"; }
for source in refused/*.bpf.c; do
	name=$(basename "$source" .bpf.c)
	add "refused_$name" refuses "$name"
done
add refused_programs_hold_no_module unload tcp_rkinds tcp_rdctcp tcp_rcubic
run_tests
