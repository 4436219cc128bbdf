# SPDX-License-Identifier: GPL-2.0-only
"""What compares, counts and draws: opsdiff, the benchmark, curves, the demo."""
