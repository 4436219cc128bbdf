# SPDX-License-Identifier: GPL-2.0-only
"""What everything else runs in: processes, the cache, kernel trees, the crate graph."""
