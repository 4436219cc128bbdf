# SPDX-License-Identifier: GPL-2.0-only
"""What the scripts that boot guests need built first."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from common import CHECKOUT, Failure, cached, digest, logged, output, waiting
from guest import Kernel


# Set where groups of tests run at the same time. All of them have to want the same modules then,
# those for tests among them: none may build anew what another one reads.
IN_CHECK = "FERROPS_CHECK"


def kernel_tree(name: str) -> Kernel:
    """The kernel tree of this name, made if it is not there."""
    done = subprocess.run([CHECKOUT / "scripts/kernel-tree", name], text=True,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise Failure(f"there is no {name} kernel to boot; the reason is above")
    return Kernel(Path(done.stdout.strip().splitlines()[-1]))


def modules(kernel: Kernel, name: str, *arguments: str) -> list[Path]:
    """Our modules for it, built if anything changed."""
    if IN_CHECK in os.environ:
        arguments = ("FERROPS_TESTS=y", *(["KRUSTFLAGS=-Dwarnings"] if name != "stock" else []))
    with waiting("building the modules"):
        done = subprocess.run([CHECKOUT / "scripts/build-modules", kernel.tree / "build", name,
                               *arguments], text=True, capture_output=True, check=False)
    if done.returncode:
        raise Failure(f"the modules do not build:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return built(name)


def built(name: str) -> list[Path]:
    """The modules in build/NAME, less those of samples that are no more."""
    out = CHECKOUT / "build" / name
    return sorted(out / f"{Path(line).stem}.ko"
                  for line in (out / "modules.order").read_text().splitlines())


def test_modules(name: str) -> list[Path]:
    """The modules for the kernel of this name, with those that are only for tests. Those for the
    testing distribution's are there already: they are built with its own compilers."""
    return built(name) if name == "testing" else modules(kernel_tree(name), name, "FERROPS_TESTS=y")


def bpf_objects(kernel: Kernel, name: str) -> list[Path]:
    """Our algorithms for it as BPF, built; the modules in build/NAME have to be."""
    with waiting("building the BPF objects"):
        done = subprocess.run([CHECKOUT / "scripts/build-bpf", kernel.tree / "build", name],
                              text=True, capture_output=True, check=False)
    if done.returncode:
        raise Failure(f"the BPF objects do not build:\n{done.stderr[-4000:]}")
    return sorted((CHECKOUT / "build/bpf").glob("*.bpf.o"))


def loader() -> Path:
    """The program that loads them, built."""
    with waiting("building ccload"):
        done = subprocess.run([CHECKOUT / "scripts/build-ccload"], text=True, capture_output=True,
                              check=False)
    if done.returncode:
        raise Failure(f"ccload does not build:\n{done.stderr[-4000:]}")
    return CHECKOUT / "build/ccload"


def bpf_samples() -> list[Path]:
    """The tables of samples/bpf, which are there once `bpf_objects` are built."""
    return sorted((CHECKOUT / "build/bpf/samples").glob("*.bpf.o"))


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
                 output(["bpftool", "version"]))
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
    key = digest(str(kernel.tree), program, tools)
    entry = cached(f"peer-{name}-{key}", f"the kernel's {name}", make)
    return entry / f"{name}.bpf.o"


def bpf_program(source: Path, types: Path, built_in: Path, made: Path) -> None:
    """Compiles a BPF program in C that calls the kfuncs of the modules in a directory."""
    arch = {"x86_64": "x86", "aarch64": "arm64"}[os.uname().machine]
    done = subprocess.run(
        ["clang", "--target=bpf", "-g", "-O2", "-mcpu=v4", "-Wall", "-Werror",
         f"-D__TARGET_ARCH_{arch}", f"-I{built_in.relative_to(CHECKOUT)}/rust/kfuncs",
         "-isystem", str(types),
         "-idirafter", f"/usr/include/{output(['gcc', '-print-multiarch'])}",
         f"-ffile-prefix-map={CHECKOUT}/=", f"-ffile-prefix-map={types}/=",
         "-fdebug-compilation-dir=.", "-c", str(source.relative_to(CHECKOUT)),
         "-o", str(made.absolute())], cwd=CHECKOUT, text=True, capture_output=True, check=False)
    if done.returncode:
        raise Failure(f"{source.relative_to(CHECKOUT)} does not compile:\n{done.stderr.strip()}")


def c_objects(kernel: Kernel, wanted: Iterable[str]) -> dict[str, Path]:
    """Those of these files of net/ipv4 that there are, compiled by the kernel's own compiler."""
    build = kernel.tree / "build"
    directory = (build / "source/net/ipv4").resolve()
    sources = [path for name in sorted(set(wanted)) if (path := directory / f"{name}.c").exists()]
    flags = output([str(CHECKOUT / "scripts/kernel-tree"), "flags", str(build)])

    def make(half: Path) -> None:
        for source in sources:
            shutil.copy(source, half)
        objects = [f"{source.stem}.o" for source in sources]
        (half / "Kbuild").write_text(f"obj-m := {' '.join(objects)}\n"
                                     f"ccflags-y := -I{directory}\n")
        logged(["make", "-C", str(build), f"M={half}", flags, *objects], half / "log",
               "compiling the C references")
    entry = cached(f"references-{digest(str(build), flags, *sources)}", "the C references", make)
    return {source.stem: entry / f"{source.stem}.o" for source in sources}
