# SPDX-License-Identifier: GPL-2.0-only
"""Stable's own kernel, from before its backports: to boot only."""

import shutil
from pathlib import Path

from ferrops.environment.cache import cached, digest
from ferrops.environment.process import Failure, output


def older() -> Path:
    """Stable's own kernel, as shipped, of which the build root has the unpacked package."""
    unpacked_package = Path("/usr/lib/ferrops/older-kernel")
    images = sorted(unpacked_package.glob("boot/vmlinuz-*"))
    if not images:
        raise Failure("the build root has no older kernel; run 'make update'")
    kver = images[-1].name.removeprefix("vmlinuz-")

    def make(half: Path) -> None:
        (half / "build").mkdir()
        shutil.copy(unpacked_package / f"boot/config-{kver}", half / "build/.config")
        shutil.copy(images[-1], half / "vmlinuz")
        shutil.copytree(unpacked_package / f"usr/lib/modules/{kver}", half / "modules",
                        symlinks=True)
        # Its index is made when the package is installed.
        base = half / "base/lib/modules"
        base.mkdir(parents=True)
        (base / kver).symlink_to(half / "modules")
        output(["depmod", "--basedir", str(half / "base"), kver])
        shutil.rmtree(half / "base")
        (half / "release").write_text(kver + "\n")
    return cached(f"older-{kver}-{digest(Path(__file__))}", "the older kernel", make)
