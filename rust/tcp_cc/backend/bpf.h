/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What rust/tcp_cc/backend/bpf.rs declares, where it is more than access to a member. In C, since
 * what clang compiles with the kernel's types is what a loader fits to the running kernel (CO-RE).
 *
 * Included by what scripts/build-bpf writes: before it come the kernel's types and WRITE_ONCE(),
 * after it accessors, and the programs and the table of one algorithm.
 */

char _license[] SEC("license") = "GPL";

/* A macro, which BTF does not have. */
#define TCP_CONGESTION 13

/* Whoever loads an object takes this from the kernel's configuration, or from elsewhere. */
extern const int CONFIG_HZ __kconfig;

/*
 * It is in no configuration, but a macro that depends on one: ccload gives it. Without, it is that
 * of the kernel which the object was built for.
 */
extern const int CONFIG_FERROPS_MAX_TCP_HEADER __kconfig __weak;

u32 hz(void)
{
	int hz = CONFIG_HZ;

	__builtin_assume(hz > 0);
	return hz;
}

u32 max_tcp_header(void)
{
	return CONFIG_FERROPS_MAX_TCP_HEADER ?: MAX_TCP_HEADER_HERE;
}

u64 jiffies(void)
{
	return bpf_jiffies64();
}

u32 random_u32(void)
{
	return bpf_get_prandom_u32();
}

/*
 * The socket is added to the offset. LLVM, which does not know that BPF's addition commutes, would
 * copy the socket and add the offset to that.
 */
void *ca_priv(struct sock *sk)
{
	u64 priv = __builtin_preserve_field_info(((struct inet_connection_sock *)sk)->icsk_ca_priv,
						 BPF_FIELD_BYTE_OFFSET);

	asm("%0 += %1" : "+r"(priv) : "r"(sk));
	return (void *)priv;
}

/* A single bit lies in one byte, where BPF_CORE_READ_BITFIELD() would have to ask how many. */
bool cwnd_limited(struct sock *sk)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	u64 byte = ((u8 *)tp)[__builtin_preserve_field_info(tp->is_cwnd_limited,
							     BPF_FIELD_BYTE_OFFSET)];

	return byte << __builtin_preserve_field_info(tp->is_cwnd_limited,
						     BPF_FIELD_LSHIFT_U64) >> 63;
}

u8 ca_state(struct sock *sk)
{
	return BPF_CORE_READ_BITFIELD((struct inet_connection_sock *)sk, icsk_ca_state);
}

bool tcp_usec_ts(struct sock *sk)
{
	return BPF_CORE_READ_BITFIELD((struct tcp_sock *)sk, tcp_usec_ts);
}

bool saw_tstamp(struct sock *sk)
{
	return BPF_CORE_READ_BITFIELD((struct tcp_sock *)sk, rx_opt.saw_tstamp);
}

void set_sk_pacing_rate(struct sock *sk, u64 rate)
{
	WRITE_ONCE(sk->sk_pacing_rate, rate);
}

/* The verifier allows a store, and no cmpxchg. */
void request_pacing(struct sock *sk)
{
	if (sk->sk_pacing_status == SK_PACING_NONE)
		WRITE_ONCE(sk->sk_pacing_status, SK_PACING_NEEDED);
}

u32 slow_start(struct sock *sk, u32 acked)
{
	return tcp_slow_start((struct tcp_sock *)sk, acked);
}

void cong_avoid_ai(struct sock *sk, u32 w, u32 acked)
{
	tcp_cong_avoid_ai((struct tcp_sock *)sk, w, acked);
}

/* It does not look at the ACK's number. */
void reno_cong_avoid(struct sock *sk, u32 acked)
{
	tcp_reno_cong_avoid(sk, 0, acked);
}

void send_ack(struct sock *sk, u32 rcv_nxt)
{
	bpf_tcp_send_ack(sk, rcv_nxt);
}

/*
 * Refused where the route locks the algorithm, or where a program is just choosing this one with
 * bpf_setsockopt().
 */
bool fall_back_to_reno(struct sock *sk)
{
	char name[] = "reno";

	return !bpf_setsockopt(sk, IPPROTO_TCP, TCP_CONGESTION, name, sizeof(name));
}

/* What cannot be done: scripts/build-bpf names it when an algorithm uses it. */
void no_ecn_dontxmit(void)
{
}

void no_plb(void)
{
}

void no_add_stats(void)
{
}

void no_base_rtt(void)
{
}

void no_snd_cwnd_clamp(void)
{
}
