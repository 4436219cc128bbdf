# SPDX-License-Identifier: GPL-2.0-only
"""A kernel to build for and to boot."""

from dataclasses import dataclass
from pathlib import Path

from ferrops.environment import kernel_trees


@dataclass
class Kernel:
    """A kernel tree, as `kernel-tree` makes it."""

    tree: Path

    @property
    def build(self) -> Path:
        """What Kbuild calls KDIR: a variant of a tree, inside it, has none of its own."""
        own = self.tree / "build"
        return own if own.is_dir() else self.tree.parent / "build"

    @property
    def image(self) -> Path:
        return self.tree / "vmlinuz"

    @property
    def release(self) -> str:
        return (self.tree / "release").read_text().strip()


def kernel_tree(name: str) -> Kernel:
    """The kernel tree of this name, made if it is not there."""
    return Kernel(kernel_trees.tree(name))
