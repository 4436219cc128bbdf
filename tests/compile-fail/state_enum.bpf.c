// SPDX-License-Identifier: GPL-2.0-only

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
#ifndef RIGHT
	enum tcp_ca_state *state = ca(sk);

	switch (*state) {
	case TCP_CA_Loss:
		return 2;
	default:
		break;
	}
#endif
	return tcp_reno_ssthresh(sk);
}
