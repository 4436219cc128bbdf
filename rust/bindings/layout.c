// SPDX-License-Identifier: GPL-2.0-only
/*
 * For a kernel without BTF: what its compiler makes of the types that bindgen reads. Only its
 * debug information is used; see scripts/btf-layout.
 */

#include "bindings_helper.h"
