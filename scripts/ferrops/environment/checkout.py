# SPDX-License-Identifier: GPL-2.0-only
"""Copies of the checkout, to build what is not part of it, or what is broken."""

import shutil
from pathlib import Path

from ferrops.environment.process import CHECKOUT


def copied(target: Path, *without: str) -> Path:
    """A copy of the checkout without what was built, and without these of its folders."""
    left_out = {".git", "build", *without}

    def ignored(directory: str, names: list[str]) -> set[str]:
        return left_out & set(names) if Path(directory) == CHECKOUT else {"__pycache__"}
    shutil.copytree(CHECKOUT, target, symlinks=True, ignore=ignored)
    return target
