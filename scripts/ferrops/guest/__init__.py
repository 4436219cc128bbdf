# SPDX-License-Identifier: GPL-2.0-only
"""Kernels that run: the guest, and what its kernel reports."""
