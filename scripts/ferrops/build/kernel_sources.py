# SPDX-License-Identifier: GPL-2.0-only
"""What is made of a kernel's sources and types. The cache keeps it."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from ferrops.environment.cache import cached, digest
from ferrops.environment.kernel import Kernel
from ferrops.environment.packages import compiler_flags
from ferrops.environment.process import Failure, logged, output


def kernel_types(kdir: Path) -> Path:
    """The directory with the vmlinux.h of the kernel built in `kdir`."""
    vmlinux = (kdir / "vmlinux").resolve()
    if not vmlinux.exists():
        raise Failure(f"{kdir} has no vmlinux, so no BTF to take the kernel's types from; build "
                      f"the kernel there with CONFIG_DEBUG_INFO_BTF=y")
    stat = vmlinux.stat()

    def make(half: Path) -> None:
        (half / "vmlinux.h").write_text(
            output(["bpftool", "btf", "dump", "file", str(vmlinux), "format", "c"]) + "\n")
    key = digest(str(vmlinux), str(stat.st_size), str(stat.st_mtime_ns),
                 output(["bpftool", "version"]), Path(__file__))
    return cached(f"vmlinux-h-{key}", "the kernel's types", make)


def peer(kernel: Kernel, name: str) -> Path:
    """A BPF congestion control of the kernel's own selftests, compiled from its source package."""
    source = (kernel.tree / "build/source").resolve()
    selftests = source / "tools/testing/selftests/bpf"
    program = selftests / f"progs/{name}.c"
    if not program.exists():
        raise Failure(f"the kernel's source has no {program.relative_to(source)}")

    types = kernel_types(kernel.tree / "build")

    def make(half: Path) -> None:
        arch = {"x86_64": "x86", "aarch64": "arm64"}[os.uname().machine]
        logged(["clang", "--target=bpf", "-g", "-O2", "-mcpu=v4", f"-D__TARGET_ARCH_{arch}",
                f"-I{types}", f"-I{selftests}", f"-I{selftests}/progs",
                "-idirafter", f"/usr/include/{output(['gcc', '-print-multiarch'])}",
                "-c", str(program), "-o", str(half / f"{name}.bpf.o")],
               half / "log", f"compiling the kernel's {name}")
    tools = output(["dpkg-query", "--show", "clang", "libbpf-dev", "bpftool"])
    key = digest(str(kernel.tree), program, tools, Path(__file__))
    entry = cached(f"peer-{name}-{key}", f"the kernel's {name}", make)
    return entry / f"{name}.bpf.o"


def c_objects(kernel: Kernel, wanted: Iterable[str]) -> dict[str, Path]:
    """Those of these files of net/ipv4 that there are, compiled by the kernel's own compiler."""
    build = kernel.tree / "build"
    directory = (build / "source/net/ipv4").resolve()
    sources = [path for name in sorted(set(wanted)) if (path := directory / f"{name}.c").exists()]
    flags = compiler_flags(build)

    def make(half: Path) -> None:
        for source in sources:
            shutil.copy(source, half)
        objects = [f"{source.stem}.o" for source in sources]
        (half / "Kbuild").write_text(f"obj-m := {' '.join(objects)}\n"
                                     f"ccflags-y := -I{directory}\n")
        logged(["make", "-C", str(build), f"M={half}", flags, *objects], half / "log",
               "compiling the C references")
    key = digest(str(build), flags, Path(__file__), *sources)
    entry = cached(f"references-{key}", "the C references", make)
    return {source.stem: entry / f"{source.stem}.o" for source in sources}
