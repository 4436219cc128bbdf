# SPDX-License-Identifier: GPL-2.0-only
"""What is built: modules, the units that are generated for them, BPF objects."""
