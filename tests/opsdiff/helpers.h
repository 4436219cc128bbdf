/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _OPSDIFF_HELPERS_H
#define _OPSDIFF_HELPERS_H

#include <linux/types.h>

/* What was given to insmod. c.rs has the same. */
struct opsdiff_parameters {
	char *table;
	char *reference;
	char *events;
	unsigned long seed;
	unsigned int steps;
	unsigned int show;
	unsigned int calls;
	unsigned int sockets;
	char *path;
	bool bpf;
	bool only_init;
};

/* The machine's clock while it stands still. c.rs has the same. */
struct opsdiff_clock {
	unsigned long flags;
	unsigned long jiffies;
};

/* What is being done, for whoever wants to know after a panic. c.rs has the same. */
struct opsdiff_current {
	u32 connection;
	u64 step;
	const char *event;
	size_t event_length;
	u64 arguments[3];
};

/* An instruction that was executed. c.rs has the same. */
struct opsdiff_step {
	unsigned long address;
	u8 bytes[16];
};

/* The ACKs that callbacks have sent: how many, and the last one. c.rs has the same. */
struct opsdiff_acks {
	u32 count;
	u32 seq;
	u32 ack_seq;
	u32 flags_and_window;
};

struct sock;

extern struct opsdiff_parameters opsdiff_parameters;
extern struct opsdiff_current opsdiff_current;
extern struct opsdiff_acks opsdiff_acks;
extern struct tcp_congestion_ops opsdiff_nothing;

int opsdiff_begin_watch(void);
void opsdiff_end_watch(void);
bool opsdiff_can_stop_clock(void);
void opsdiff_stop_clock(struct opsdiff_clock *clock, u32 now);
void opsdiff_start_clock(const struct opsdiff_clock *clock);
void opsdiff_counters(u64 counters[5]);
void opsdiff_may_send(struct sock *sk);
u64 opsdiff_ticks(void);
u64 opsdiff_busy_ns(void);
void opsdiff_sort(u32 *numbers, size_t count);
int opsdiff_begin_steps(void);
void opsdiff_end_steps(void);
void opsdiff_step(unsigned long entry, struct opsdiff_step *steps, size_t room);
size_t opsdiff_stepped(void);
void opsdiff_show_step(const struct opsdiff_step *step);
ssize_t opsdiff_read_file(const char *path, void **content);

#endif
