#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest: registers each of bpf/*.o and says what bpftool, the verifier and
# the kernel's log have to say. The algorithm is gone again when bpftool ends.
dmesg -c >/dev/null
for object in bpf/*.o; do
	echo "%% begin ${object#bpf/}"
	bpftool struct_ops register "$object" >/tmp/log 2>&1
	status=$?
	# A verifier's log can be long; the verdict is at its end.
	tail -c 20000 /tmp/log
	dmesg -c
	echo "%% end $status"
done
