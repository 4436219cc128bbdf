// SPDX-License-Identifier: GPL-2.0-only
/*
 * A congestion control in C out of the functions that tcp_rcubic exports: CUBIC that
 * halves its window at a loss, as Reno does.
 *
 * What it shows: a callback that is written in Rust is a function like any other, and a
 * table may mix it with callbacks in C. modprobe loads tcp_rcubic first.
 */

#include <linux/module.h>
#include <net/tcp.h>
#include <tcp_rcubic_kfuncs.h>

static u32 crcubic_ssthresh(struct sock *sk)
{
	/* For what CUBIC remembers of the loss. */
	rcubic_recalc_ssthresh(sk);
	return max(tcp_snd_cwnd(tcp_sk(sk)) >> 1U, 2U);
}

static struct tcp_congestion_ops crcubic __read_mostly = {
	.init		= rcubic_init,
	.ssthresh	= crcubic_ssthresh,
	.cong_avoid	= rcubic_cong_avoid,
	.set_state	= rcubic_state,
	.undo_cwnd	= rcubic_undo_cwnd,
	.cwnd_event_tx_start = rcubic_cwnd_event_tx_start,
	.pkts_acked	= rcubic_acked,
	.owner		= THIS_MODULE,
	.name		= "crcubic",
};

static int __init crcubic_register(void)
{
	return tcp_register_congestion_control(&crcubic);
}

static void __exit crcubic_unregister(void)
{
	tcp_unregister_congestion_control(&crcubic);
}

module_init(crcubic_register);
module_exit(crcubic_unregister);

MODULE_AUTHOR("The ferrops authors");
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("CUBIC that halves its window, on Rust functions");
