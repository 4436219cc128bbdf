/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CKINDS_H
#define _CKINDS_H

#include <linux/types.h>

u64 ckinds_same(u64 a);

#endif
