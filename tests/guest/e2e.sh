#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# End to end, in a guest with the stock kernel: what a user does with a module.
# shellcheck source=../../scripts/ferrops/guest/transfer.sh
. ./transfer.sh
# shellcheck source=tests.sh
. ./tests.sh

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

# Both ends use an algorithm that wants ECN.
both_use() { # ALGORITHM
	sysctl -qw net.ipv4.tcp_allowed_congestion_control="reno cubic $1"
	local ns
	for ns in snd rcv; do
		ip netns exec $ns sysctl -qw net.ipv4.tcp_ecn=1 net.ipv4.tcp_congestion_control="$1" || return 1
	done
}

# So that nothing holds the algorithm.
no_path() {
	ip netns del snd
	ip netns del rcv
}

# 5 Mbit/s, which a kernel with debug checks fills too, into a queue that marks packets after five
# milliseconds, two packets; 10 ms for ACKs to come back.
marking_path() {
	# By name: a test that calls depmod leaves no aliases of modules that are compressed.
	modprobe -a sch_tbf sch_fq_codel
	path 0 100 200 0
	tc qdisc replace dev to-rcv root handle 1: tbf rate 5mbit burst 5kb limit 3mb &&
		tc qdisc add dev to-rcv parent 1:1 fq_codel flows 1 ce_threshold 5ms &&
		tc qdisc replace dev to-snd root netem delay 10ms limit 100000
}

# Packets that came in the namespace rcv: InECT0Pkts, InCEPkts, ...
came() { ip netns exec rcv nstat -azs "IpExt$1" | awk -v name="IpExt$1" '$1 == name { print $2 }'; }

carries_over_marks() {
	load "$1" || return 1
	marking_path && both_use "$1" || return 1
	local marked status
	transfer "$1" payload "$(sha256sum <payload | cut -d' ' -f1)" "$1"
	status=$?
	marked=$(came InCEPkts)
	no_path
	[ $status = 0 ] || return 1
	[ "$marked" -gt 10 ] || { no "$marked packets were marked"; return 1; }
	# The queue stays near what is marked, and nothing is lost.
	sed 's/[",:{}]/ /g' "/out/$1.json" | awk '
		{ for (i = 1; i < NF; i++) value[$i] = $(i + 1) }
		END { exit !(value["mean_srtt_ms"] > 10 && value["mean_srtt_ms"] < 30 && value["retransmits"] == 0) }' ||
		no "$(cat "/out/$1.json")"
}

test_rdctcp_carries_a_file_over_marks() { carries_over_marks rdctcp; }
test_bpf_rdctcp_carries_a_file_over_marks() { carries_over_marks rdctcp_bpf; }

test_rdctcp_is_shown_by_ss() {
	load rdctcp
	marking_path && both_use rdctcp || return 1
	connect
	head -c 4000000 payload >&8
	sleep 1
	local shown; shown=$(ip netns exec snd ss -Htni dport = ":$port")
	disconnect
	no_path
	# Some packets were marked: alpha is between none and all of them.
	echo "$shown" | grep -qE ' rdctcp .* dctcp:\(ce_state:0,alpha:[1-9][0-9]{0,2},ab_ecn:[0-9]+,ab_tot:[0-9]+\).* delivered_ce:[1-9]' ||
		no "$shown"
}

# What is seen of a connection to a host without ECN: the algorithm and its fields as ss shows them,
# and how many packets came as ECN capable.
without_ecn() { # ALGORITHM
	path 20 100 200 0
	both_use "$1" || return 1
	ip netns exec rcv sysctl -qw net.ipv4.tcp_ecn=0 net.ipv4.tcp_congestion_control=cubic
	connect
	head -c 1000000 payload >&8
	sleep 1
	ip netns exec snd ss -Htni dport = ":$port" | sed -nE '2 { h; s/^\s*([^ ]+) .*/\1/p; g; s/.* (dctcp:[^ ]*).*/\1/p }'
	came InECT0Pkts
	disconnect
	no_path
}

test_rdctcp_without_ecn_is_what_dctcp_is() {
	modprobe tcp_dctcp
	load rdctcp
	local ours theirs users
	ours=$(without_ecn rdctcp | tr '\n' ' ')
	theirs=$(without_ecn dctcp | tr '\n' ' ')
	users=$(awk '$1 == "tcp_rdctcp" { print $3 }' /proc/modules)
	[ "$ours" = "r$theirs" ] || { no "'$ours', and the reference '$theirs'"; return 1; }
	# The SYN is ECN capable, since the table wants it.
	[ "$ours" = "rdctcp-reno dctcp:fallback_mode 1 " ] || { no "$ours"; return 1; }
	[ "$users" = 0 ] || { no "$users references to the module"; return 1; }
	rmmod tcp_rdctcp || no "a reference is left"
}

test_bpf_rdctcp_without_ecn_is_reno() {
	load rdctcp_bpf || return 1
	local shown; shown=$(without_ecn rdctcp_bpf | tr '\n' ' ')
	[ "$shown" = "reno 1 " ] || no "$shown"
}

# The kernel does not let a program change what the route locks.
test_bpf_rdctcp_goes_on_without_ecn_if_the_route_says_so() {
	load rdctcp_bpf || return 1
	path 20 100 200 0
	ip netns exec rcv sysctl -qw net.ipv4.tcp_ecn=0
	ip -n snd route change default via 10.0.1.254 congctl lock rdctcp_bpf || return 1
	uses rdctcp_bpf
}

# Whether both modules take a value for a parameter, or both do not.
takes() { # NAME VALUE
	local module taken=
	for module in tcp_dctcp tcp_rdctcp; do
		if (echo "$2" >/sys/module/$module/parameters/"$1") 2>/dev/null; then
			taken="$taken yes"
		else
			taken="$taken no"
		fi
	done
	echo "$taken" "$(cat /sys/module/tcp_dctcp/parameters/"$1" /sys/module/tcp_rdctcp/parameters/"$1" | tr '\n' ' ')"
}

test_rdctcp_parameters_are_those_of_dctcp() {
	modprobe tcp_dctcp
	load rdctcp
	local name value taken
	for name in dctcp_shift_g dctcp_alpha_on_init; do
		for value in 0 1 10 11 1024 1025 -1 4294967295 4294967296 x '' '1 1' 0x8 4; do
			# shellcheck disable=SC2046 # four words
			set -- $(takes $name "$value")
			[ "$1 $3" = "$2 $4" ] || { no "$name=$value: $*"; return 1; }
		done
		[ "$(stat -c %a /sys/module/tcp_dctcp/parameters/$name)" = \
			"$(stat -c %a /sys/module/tcp_rdctcp/parameters/$name)" ] || { no "mode of $name"; return 1; }
	done
	echo 1024 | tee /sys/module/tcp_*dctcp/parameters/dctcp_alpha_on_init >/dev/null
	[ "$(cat /sys/module/tcp_rdctcp/parameters/dctcp_shift_g)" = 4 ] || no "dctcp_shift_g is not 4"
}

test_rdctcp_does_not_load_with_parameters_out_of_bounds() {
	rmmod tcp_rdctcp 2>/dev/null
	refused insmod modules/tcp_rdctcp.ko dctcp_shift_g=11 | grep -q 'Invalid parameters'
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

default() { ip netns exec snd sysctl -n net.ipv4.tcp_congestion_control; }
chosen() { default | grep -qxE 'rfirst|rsecond'; }
runs() { kill -0 "$1" 2>/dev/null; }

# Loads a module whose third table is refused. While the others are taken back, one of them becomes
# the default of the namespace snd: insmod, whose pid is in $inserting, now waits for its users.
insert_refused() {
	path 20 100 200 0
	# To ask for a module takes longer than the names are there.
	local modprobe; modprobe=$(cat /proc/sys/kernel/modprobe)
	echo >/proc/sys/kernel/modprobe
	# shellcheck disable=SC2016 # the other shell expands it
	ip netns exec snd sh -c 'until echo rfirst >$0 || echo rsecond >$0; do :; done 2>/dev/null' \
		/proc/sys/net/ipv4/tcp_congestion_control &
	until chosen; do
		insmod modules/tcp_rrefused.ko >/tmp/refused 2>&1 &
		inserting=$!
		# If nobody was fast enough, it ends.
		while runs "$inserting" && ! chosen; do sleep 0.05; done
	done
	echo "$modprobe" >/proc/sys/kernel/modprobe
	sleep 0.5
	runs "$inserting" || { no "insmod did not wait: $(cat /tmp/refused)"; return 1; }
	has "$(available)" rfirst || has "$(available)" rsecond || return 0
	no "one of $(available) can still be chosen"
}

test_insmod_waits_for_the_users_of_tables_taken_back() {
	insert_refused || return 1
	dmesg | tail -n 5 | grep -q 'tcp_rrefused: cubic is refused (-\(EEXIST\|17\)); waiting' || { no "$(dmesg | tail -n 5)"; return 1; }
	ip netns exec snd sysctl -qw net.ipv4.tcp_congestion_control=cubic
	wait "$inserting" && { no "insmod succeeded"; return 1; }
	grep -q 'busy\|File exists' /tmp/refused || { no "$(cat /tmp/refused)"; return 1; }
	loaded tcp_rrefused && no "still loaded"
	return 0
}

test_insmod_that_waits_can_be_killed() {
	insert_refused || return 1
	kill "$inserting"
	sleep 0.5
	runs "$inserting" && { no "insmod is still there"; return 1; }
	dmesg | tail -n 5 | grep -q 'tcp_rrefused: stays loaded' || { no "$(dmesg | tail -n 5)"; return 1; }
	# Its default is no longer to be found by name, and goes on being used.
	connect
	head -c 1000000 payload >&8
	local shown used; shown=$(shown) used=$(default)
	ip netns exec snd sysctl -qw net.ipv4.tcp_congestion_control=cubic
	echo "$shown" | grep -q "\b$used\b.* bytes_acked:[1-9]" || { no "$shown"; return 1; }
	local message; message=$(refused rmmod tcp_rrefused)
	disconnect
	echo "$message" | grep -qE 'in use|temporarily unavailable' || { no "$message"; return 1; }
	rmmod tcp_rrefused || no "refused after the connection has ended"
}

# struct file_system_type, through what serves any table (tests/guest/modules/fs_rtest.rs).
mounting() { LC_ALL=C mount -t rtest none /tmp 2>&1; }

test_a_table_that_is_not_of_tcp() {
	modinfo modules/fs_rtest.ko | grep -qE '^alias: +fs-rtest$' || { no "no alias"; return 1; }
	insmod modules/fs_rtest.ko error=4096 2>/dev/null && { no "4096 is out of bounds"; return 1; }
	insmod modules/fs_rtest.ko || return 1
	grep -qw rtest /proc/filesystems || { no "$(cat /proc/filesystems)"; return 1; }
	mounting | grep -q 'not supported' || { no "mount says: $(mounting)"; return 1; }
	echo 12 >/sys/module/fs_rtest/parameters/error
	mounting | grep -q 'memory' || { no "mount says: $(mounting)"; return 1; }
	rmmod fs_rtest || return 1
	! grep -qw rtest /proc/filesystems || no "still registered"
}

test_rbbr_carries_a_file_over_loss_and_reordering() { loads_and_carries rbbr; }
test_bpf_rbbr_carries_a_file_over_loss_and_reordering() { loads_and_carries rbbr_bpf; }

test_rbbr_may_be_chosen_in_any_namespace() {
	# Whoever writes to tcp_allowed_congestion_control restricts all others.
	rmmod tcp_rbbr 2>/dev/null
	load rbbr
	path 20 100 200 0
	ip netns exec snd sysctl -qw net.ipv4.tcp_congestion_control=rbbr || return 1
	uses rbbr
}

# A transfer over 10 Mbit/s and 40 ms, with a queue of more than a second, and what ss shows in the
# middle of it. Succeeds if there was no queue to speak of.
over_a_long_queue() { # ALGORITHM
	path 40 10 1000 0
	transfer "$1" payload "$(sha256sum <payload | cut -d' ' -f1)" "$1" &
	local sender=$!
	sleep 2.5
	ip netns exec snd ss -Htni dport = ":$port"
	wait $sender || return 1
	sed 's/[",:{}]/ /g' "/out/$1.json" | awk '
		{ for (i = 1; i < NF; i++) value[$i] = $(i + 1) }
		END { exit !(value["mean_srtt_ms"] < 100 && value["retransmits"] == 0) }' ||
		no "$(cat "/out/$1.json")"
}

test_rbbr_finds_the_path_as_bbr_does_and_ss_shows_it() {
	load rbbr
	modprobe tcp_bbr
	local name shown
	for name in bbr rbbr; do
		shown=$(over_a_long_queue $name) || { no "$shown"; return 1; }
		# Of 1514 bytes on the link 1448 are data: 9.56 Mbit/s; where ACKs bunch, as on the debug
		# kernel, it measures some per cent more. It is in ProbeBW.
		echo "$shown" | sed -nE "s/.*\b$name .* bbr:\(bw:([0-9]+)bps,mrtt:([0-9.]+),pacing_gain:([0-9.]+),cwnd_gain:2\).*/\1 \2 \3/p" | awk '
			$1 > 9.4e6 && $1 < 10.2e6 && $2 >= 40 && $2 < 42 && $3 ~ /^(0.75|1|1.25)$/ { found = 1 }
			END { exit !found }' || { no "$shown"; return 1; }
	done
}

test_bpf_rbbr_keeps_a_long_queue_short() {
	load rbbr_bpf || return 1
	over_a_long_queue rbbr_bpf | grep -qE '\brbbr_bpf\b'
}

run_tests
