// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes a lock with softirqs on that a softirq takes too: the softirq could
 * wait for what it interrupts. In C, since the kernel has no timers for Rust.
 */

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static DEFINE_SPINLOCK(lock);

static void expired(struct timer_list *timer)
{
	spin_lock(&lock);
	spin_unlock(&lock);
}

static DEFINE_TIMER(timer, expired);

static int __init plant(void)
{
	spin_lock(&lock);
	spin_unlock(&lock);
	mod_timer(&timer, jiffies + 1);
	msleep(50);
	timer_delete_sync(&timer);
	return 0;
}
module_init(plant);

MODULE_DESCRIPTION("A seeded bug");
MODULE_LICENSE("GPL");
