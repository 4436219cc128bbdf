# SPDX-License-Identifier: GPL-2.0-only
"""What the scripts that boot guests need built first."""

import os
import subprocess
from pathlib import Path

from ferrops.environment.kernel import Kernel, kernel_tree
from ferrops.environment.process import CHECKOUT, Failure, output, waiting

# Set where groups of tests run at the same time. All of them have to want the same modules then,
# those for tests among them: none may build anew what another one reads.
IN_CHECK = "FERROPS_CHECK"


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
