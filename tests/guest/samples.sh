#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest: runs each command of samples/README.md, which is in a file SECTION.NUMBER, in the
# order in which they were packed; sample_transcripts.py compares what they print.

ip link set lo up
# A path, so that a transfer takes its time.
tc qdisc add dev lo root netem delay 20ms limit 10000
iperf3 -s -D >/dev/null
until ss -Hltn | grep -q :5201; do sleep 0.01; done

while read -r name; do
	# A section begins when the last one's transfer is over.
	case $name in
	*.1) while ss -Htn state established dport = :5201 | grep -q .; do sleep 0.1; done ;;
	esac
	echo "%% begin $name"
	sh -c "$(cat "transcripts/$name")" 2>&1
	echo "%% end"
done <transcripts/order
