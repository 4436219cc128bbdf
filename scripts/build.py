# SPDX-License-Identifier: GPL-2.0-only
"""What the scripts that boot guests need built first."""

import subprocess
from pathlib import Path

from common import CHECKOUT, Failure
from guest import Kernel


def kernel_tree(name: str) -> Kernel:
    """The kernel tree `stock` or `kunit`, made if it is not there."""
    done = subprocess.run([CHECKOUT / "scripts/kernel-tree", name], text=True,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise Failure(f"there is no {name} kernel to boot; the reason is above")
    return Kernel(Path(done.stdout.strip().splitlines()[-1]))


def modules(kernel: Kernel, name: str, *arguments: str) -> list[Path]:
    """Our modules for it, built if anything changed."""
    done = subprocess.run([CHECKOUT / "scripts/build-modules", kernel.tree / "build", name,
                           *arguments], text=True, capture_output=True, check=False)
    if done.returncode:
        raise Failure(f"the modules do not build:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return sorted((CHECKOUT / "build" / name).glob("*.ko"))
