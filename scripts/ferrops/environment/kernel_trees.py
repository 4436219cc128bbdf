# SPDX-License-Identifier: GPL-2.0-only
"""Kernel trees to build modules against.

    kernel-tree stock            the distribution's kernel, as shipped
    kernel-tree kunit            our own small kernel with KUnit
    kernel-tree debug            the same with KASAN, lockdep and what else finds bugs
    kernel-tree cfi              the same with CFI: the type of every indirect call is checked
    kernel-tree bare             our own without BPF, and without BTF
    kernel-tree older            stable's own kernel, from before its backports: to boot only
    kernel-tree testing          the testing distribution's, which "make testing" makes
    kernel-tree host KVER        this machine's kernel KVER, from its packages
    kernel-tree check KDIR       say what is missing to build against KDIR
    kernel-tree check-host KVER  say what is missing for "host KVER"
    kernel-tree flags KDIR       the make arguments that choose KDIR's compiler

The first six make the tree if the cache does not have it and print its
directory. It holds `build` (what Kbuild calls KDIR; of `older` only the configuration),
and for all but `host` `vmlinuz`, and for a distribution's its `modules`, to boot; and
for `kunit`, in `one-more-type`, a `vmlinuz` with one type more in its BTF.

A distribution's headers package has no Rust metadata (the `.rmeta` files of the
kernel's crates). It is rebuilt here from the source package, and the result has
to prove that it is the shipped kernel's: see Documentation/stock-kernel.rst.
"""

import argparse
from pathlib import Path

from ferrops.environment.cache import cache
from ferrops.environment.older_kernel import older
from ferrops.environment.own_kernels import own
from ferrops.environment.packages import (Packages, check_toolchain, compiler_flags, config_of,
                                          installed_kernel, unpacked)
from ferrops.environment.process import CHECKOUT, INSIDE, Failure
from ferrops.environment.stock_kernel import host, stock

# The configurations of our own kernels: a later fragment adds to those before it.
OWN = {
    "kunit": ["tests/guest/kunit.config"],
    "debug": ["tests/guest/kunit.config", "tests/guest/debug.config"],
    "cfi": ["tests/guest/kunit.config", "tests/guest/cfi.config"],
    "bare": ["tests/guest/kunit.config", "tests/guest/bare.config"],
}


def testing() -> Path:
    """The tree of the testing distribution's kernel."""
    name = cache() / "testing-kernel"  # "make testing" writes it, in the root of its own.
    tree = cache() / name.read_text().strip() if name.exists() else None
    if not tree or not tree.is_dir():
        raise Failure("the testing distribution's kernel is not there; run 'make testing'")
    return tree


def check(kdir: Path) -> int:
    """Prints one line for each thing missing to build our modules against `kdir`."""
    if not kdir.is_dir():
        raise Failure(f"{kdir} is not a directory; give the kernel's build directory, "
                      f"e.g. KDIR=/lib/modules/$(uname -r)/build")
    try:
        config = config_of((kdir / ".config").read_text())
    except FileNotFoundError:
        raise Failure(f"{kdir} is not a configured kernel build tree: it has no .config; "
                      f"give the directory the kernel was built in") from None
    problems = check_toolchain(config)
    source = kdir / "source"
    if source.is_symlink() and not source.exists():
        problems.append(f"{kdir} was built from {source.readlink()}, which is gone; put the "
                        f"kernel's source there again")
    if not (kdir / "include/config/auto.conf").exists():
        problems.append(f"{kdir} is configured but not prepared; run 'make modules_prepare' there")
    if not (kdir / "rust/libkernel.rmeta").exists():
        problems.append(f"{kdir} has no Rust metadata (rust/libkernel.rmeta); for a distribution "
                        f"kernel use 'make modules KVER=...', else build the kernel there")
    if not (kdir / "Module.symvers").exists():
        problems.append(f"{kdir} has no Module.symvers; build the kernel there")
    if config.get("CONFIG_DEBUG_INFO_BTF") == "y" and not (kdir / "vmlinux").exists():
        problems.append(f"{kdir} has no vmlinux, so no BTF to check struct layouts against; "
                        f"build the kernel there")
    return report(problems, str(kdir))


def check_host(kver: str) -> int:
    """Prints one line for each thing missing to build our modules for this machine's `kver`."""
    problems = []
    try:
        problems += check_toolchain(Packages(kver).config)
    except Failure as failure:
        problems.append(str(failure))
        config = Path(f"/boot/config-{kver}")
        problems += check_toolchain(config_of(config.read_text()) if config.exists() else
                                    {"CONFIG_RUST": "y"})
    return report(problems, f"linux-headers-{kver}")


def with_source(tree: Path, kver: str) -> Path:
    """The same tree. Of what it was built from, somebody may have deleted the source alone."""
    if not (tree / "build/source").exists():
        unpacked(Packages(kver))
    return tree


def report(problems: list[str], what: str) -> int:
    """Prints what is missing, if anything, and returns the exit status."""
    for problem in problems:
        print(f"missing: {problem}")
    if not problems:
        print(f"{what}: everything is there to build modules for it")
    return 1 if problems else 0


def tree(name: str) -> Path:
    """The tree of this name, made if it is not there."""
    if not INSIDE:
        raise Failure(f"this tree is made inside the build root; use 'make {name}'")
    match name:
        case "stock":
            return with_source(stock(), installed_kernel())
        case "older":
            return older()
        case "testing":
            return testing()
    fragments = [CHECKOUT / fragment for fragment in OWN[name]]
    return with_source(own(name, fragments), installed_kernel())


def run() -> int:
    parser = argparse.ArgumentParser(description="Kernel trees to build modules against.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("stock", help="the distribution's kernel")
    commands.add_parser("kunit", help="our own small kernel with KUnit")
    commands.add_parser("debug", help="the same with KASAN, lockdep and more")
    commands.add_parser("cfi", help="the same with CFI")
    commands.add_parser("bare", help="our own without BPF")
    commands.add_parser("older", help="stable's own kernel")
    commands.add_parser("testing", help="the testing distribution's")
    commands.add_parser("host", help="a kernel of this machine").add_argument("kver")
    commands.add_parser("check", help="what is missing").add_argument("kdir", type=Path)
    commands.add_parser("check-host", help="the same for host").add_argument("kver")
    commands.add_parser("flags", help="its compiler").add_argument("kdir", type=Path)
    arguments = parser.parse_args()
    match arguments.command:
        case "check":
            return check(arguments.kdir)
        case "check-host":
            return check_host(arguments.kver)
        case "flags":
            print(compiler_flags(arguments.kdir))
        case "host":
            print(with_source(host(arguments.kver), arguments.kver))
        case name:
            print(tree(name))
    return 0
