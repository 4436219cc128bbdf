# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Sourced by guest scripts: a path between two network namespaces, and a file
# carried over it.
#
#   path DELAY_MS RATE_MBIT QUEUE_PACKETS LOSS_PERCENT
#       Makes namespaces "snd" and "rcv", and a router between them of the first
#       one. There data passes a queue of so many packets, RATE, half the delay,
#       and loss; ACKs come back with half the delay.
#   transfer ALGORITHM FILE SHA256 NAME [untraced]
#       Sends FILE, which may be a fifo, with ALGORITHM chosen by sysctl. Leaves its figures in
#       /out/NAME.json, and in /out/NAME.tsv the window over time: seconds, cwnd,
#       ssthresh, srtt in microseconds; not if nothing is to be traced. Fails
#       unless what arrives has that SHA-256.

port=5001
tracing=/sys/kernel/tracing

path() {
	local ns half=$(($1 / 2)) net=0 limit
	for ns in snd rcv; do
		ip netns del $ns 2>/dev/null
		# Its devices go some time after it.
		while ip link show to-$ns >/dev/null 2>&1; do sleep 0.01; done
		ip netns add $ns
		net=$((net + 1))
		ip link add to-$ns type veth peer name eth0 netns $ns
		# One packet on the wire for each segment: loss and queue count packets.
		ip link set to-$ns gso_max_segs 1 up
		ip -n $ns link set eth0 gso_max_segs 1 up
		ip addr add 10.0.$net.254/24 dev to-$ns
		ip -n $ns addr add 10.0.$net.1/24 dev eth0
		ip -n $ns route add default via 10.0.$net.254
	done
	sysctl -qw net.ipv4.ip_forward=1
	# netem counts the packets on the wire (rate times delay) with the queue. The
	# seed makes every algorithm lose the same packets.
	limit=$(($3 + $2 * half * 1000 / 8 / 1514))
	tc qdisc add dev to-rcv root netem rate "$2mbit" delay "${half}ms" limit $limit loss "$4%" seed 42
	tc qdisc add dev to-snd root netem delay "${half}ms" limit 100000
}

now_ns() { date +%s%N; }

transfer() {
	local algorithm=$1 file=$2 sha256=$3 name=$4 traced=${5:-1} receiver start end received retransmits
	[ "$traced" = 1 ] || traced=0
	# A namespace other than the first may only choose what is allowed there.
	sysctl -qw net.ipv4.tcp_allowed_congestion_control="reno cubic $algorithm" || return 1
	ip netns exec snd sysctl -qw net.ipv4.tcp_congestion_control="$algorithm" || return 1

	[ "$(cat $tracing/buffer_size_kb)" = 65536 ] || echo 65536 >$tracing/buffer_size_kb
	echo "dport == $port" >$tracing/events/tcp/tcp_probe/filter
	echo >$tracing/trace
	echo "$traced" >$tracing/events/tcp/tcp_probe/enable

	ip netns exec rcv socat -u TCP-LISTEN:$port,reuseaddr OPEN:/tmp/received,creat,trunc &
	receiver=$!
	until ip netns exec rcv ss -Hltn | grep -q :$port; do sleep 0.01; done
	start=$(now_ns)
	ip netns exec snd socat -u "OPEN:$file" TCP:10.0.2.1:$port || { kill $receiver; return 1; }
	wait $receiver || return 1
	end=$(now_ns)

	echo 0 >$tracing/events/tcp/tcp_probe/enable
	received=$(sha256sum </tmp/received | cut -d' ' -f1)
	retransmits=$(ip netns exec snd nstat -azs TcpRetransSegs | awk '/TcpRetransSegs/ { print $2 }')
	[ "$sha256" = "$received" ] || { echo "the file arrived with another SHA-256"; return 1; }
	[ "$traced" = 1 ] || return 0
	# A line of the trace is "task [cpu] flags SECONDS: tcp_probe: key=value ...".
	awk -v bytes="$(wc -c </tmp/received)" -v ns=$((end - start)) -v retransmits="$retransmits" \
		-v algorithm="$algorithm" -v curve="/out/$name.tsv" '
		/ tcp_probe: / {
			if (!acks++) {
				for (i = 1; i <= NF; i++) {
					if ($i == "tcp_probe:") at_time = i - 1
					else if ($i ~ /^snd_cwnd=/) at_cwnd = i
					else if ($i ~ /^ssthresh=/) at_ssthresh = i
					else if ($i ~ /^srtt=/) at_srtt = i
				}
				first = next_sample = $at_time + 0
			}
			srtt = substr($at_srtt, 6)
			total += srtt
			if ($at_time + 0 >= next_sample) {
				time = $at_time + 0
				printf "%.3f\t%d\t%.0f\t%d\n", time - first, substr($at_cwnd, 10), substr($at_ssthresh, 10), srtt >curve
				next_sample = time + 0.02
			}
			cwnd = substr($at_cwnd, 10)
		}
		END {
			printf "{\"algorithm\": \"%s\", \"bytes\": %d, \"seconds\": %.6f, ", algorithm, bytes, ns / 1e9
			printf "\"goodput_mbit\": %.3f, \"retransmits\": %d, ", bytes * 8000 / ns, retransmits
			printf "\"acks\": %d, \"mean_srtt_ms\": %.3f, \"last_cwnd\": %d}\n", acks, total / acks / 1000, cwnd
		}' $tracing/trace >"/out/$name.json"
}
