// SPDX-License-Identifier: GPL-2.0-only

#ifdef RIGHT
char _license[] SEC("license") = "GPL";
#else
char _license[] SEC("license") = "MIT";
#endif
