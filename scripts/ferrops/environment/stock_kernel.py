# SPDX-License-Identifier: GPL-2.0-only
"""A distribution's kernel, with its Rust metadata rebuilt: see Documentation/stock-kernel.rst."""

import filecmp
import os
import re
import shutil
from pathlib import Path

from ferrops.environment.cache import cached
from ferrops.environment.packages import (ARCH, JOBS, Packages, check_toolchain, compiler_of,
                                          installed_kernel, settle, unpacked)
from ferrops.environment.process import Failure, logged, say


def prove(packages: Packages, build: Path) -> None:
    """Shows that the rebuilt metadata describes the shipped kernel.

    Mangled Rust names hash the crate and the compiler, not layouts and not the
    configuration: so equal versions and an equal configuration come first, and the
    symbols after them.
    """
    shipped = packages.headers / "include/config/auto.conf"
    if not filecmp.cmp(build / "include/config/auto.conf", shipped, shallow=False):
        ours = set((build / "include/config/auto.conf").read_text().splitlines())
        theirs = set(shipped.read_text().splitlines())
        differs = ", ".join(sorted(ours ^ theirs)[:4])
        raise Failure(f"the configuration rebuilt from {packages.source} differs from the shipped "
                      f"one ({differs}); a tool that Kconfig probes for is missing here")
    say(f"  configuration: {len(shipped.read_bytes())} bytes, equal")

    exported = set()
    for header in sorted((build / "rust").glob("exports_*_generated.h")):
        exported |= set(re.findall(r"EXPORT_SYMBOL_RUST_GPL\((\w+)\)", header.read_text()))
    symvers = (packages.headers / "Module.symvers").read_text()
    known = {line.split("\t")[1] for line in symvers.splitlines()}
    missing = sorted(exported - known)
    if missing or not exported:
        raise Failure(f"{len(missing)} of {len(exported)} Rust symbols are not in the shipped "
                      f"Module.symvers (first: {(missing or ['none'])[0]}); the kernel was built "
                      f"with another rustc or source")
    say(f"  Rust symbols: {len(exported)} of {len(exported)} in the shipped Module.symvers")


def rebuild(packages: Packages, half: Path) -> None:
    """Makes `half/build`: the shipped configuration and symbols, our Rust metadata."""
    problems = check_toolchain(packages.config)
    if problems:
        raise Failure("; ".join(problems))
    say(f"a build tree for {packages.kver} ({packages.version})")
    say(f"  packages: headers, source and image are all {packages.version}")
    say(f"  rustc: {packages.config['CONFIG_RUSTC_VERSION_TEXT']}, as the kernel's")
    source = unpacked(packages)
    build = half / "build"
    build.mkdir()
    shutil.copy(packages.headers / ".config", build / ".config")
    machine = os.uname().machine
    make = ["make", JOBS, f"O={build}", f"ARCH={ARCH[machine]}",
            f"CROSS_COMPILE={machine}-linux-gnu-", f"CC={compiler_of(packages.config)}",
            f"KERNELRELEASE={packages.kver}"]
    for target in ("olddefconfig", "prepare", "modules_prepare"):
        logged([*make, target], half / "log", f"Rust metadata: {target}", cwd=source)
    for shipped in ("Module.symvers", "vmlinux"):
        shutil.copy(packages.headers / shipped, build / shipped)
    prove(packages, build)
    settle(build)


def ship(packages: Packages, half: Path) -> None:
    """The same in `half`, and the image and the modules as shipped, to boot."""
    rebuild(packages, half)
    shipped = Path(f"/usr/lib/modules/{packages.kver}")
    shutil.copy(shipped / "vmlinuz", half / "vmlinuz")
    shutil.copytree(shipped, half / "modules", symlinks=True)
    (half / "release").write_text(packages.kver + "\n")


def stock() -> Path:
    """The distribution's kernel: image and modules as shipped, and a build tree."""
    packages = Packages(installed_kernel())
    return cached(f"stock-{packages.kver}-{packages.key(Path(__file__))}",
                  "the stock kernel's tree", lambda half: ship(packages, half))


def host(kver: str) -> Path:
    """A build tree for a kernel of this machine, from its installed packages."""
    packages = Packages(kver)
    return cached(f"host-{packages.kver}-{packages.key(Path(__file__))}",
                  f"the build tree for {kver}", lambda half: rebuild(packages, half))
