// SPDX-License-Identifier: GPL-2.0-only

struct later {
	struct bpf_wq work;
	__u64 sk;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct later);
} work SEC(".maps");

static int worker(void *map, int *key, void *value)
{
#ifndef RIGHT
	struct later *kept = value;

	tcp_sk((struct sock *)kept->sk)->snd_ssthresh = 2;
#endif
	return 0;
}

SEC("?struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
	__u32 key = 0;
	struct later *later = bpf_map_lookup_elem(&work, &key);

	if (!later)
		return 2;
	later->sk = (__u64)sk;
	bpf_wq_init(&later->work, &work, 0);
	bpf_wq_set_callback(&later->work, worker, 0);
	bpf_wq_start(&later->work, 0);
	return tcp_reno_ssthresh(sk);
}
