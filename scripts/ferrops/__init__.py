# SPDX-License-Identifier: GPL-2.0-only
"""What make, Kbuild and a user run: the programs in scripts/ are its entry points."""
