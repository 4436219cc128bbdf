# SPDX-License-Identifier: GPL-2.0-only
"""Small kernels of our own, from the distribution's source package."""

import json
import os
import shutil
from pathlib import Path

from ferrops.environment.cache import cached, digest
from ferrops.environment.packages import (ARCH, JOBS, Packages, config_of, installed_kernel, settle,
                                          unpacked)
from ferrops.environment.process import Failure, logged, output, shown


def own(name: str, fragments: list[Path]) -> Path:
    """A small kernel so configured, from the distribution's source package, built with LLVM."""
    packages = Packages(installed_kernel())

    def make(half: Path) -> None:
        source = unpacked(packages)
        build = half / "build"
        build.mkdir()
        env = {"LLVM": "1", "ARCH": ARCH[os.uname().machine]}
        logged(["scripts/kconfig/merge_config.sh", "-n", "-O", str(build), *map(str, fragments)],
               half / "log", f"configuring the {name} kernel", cwd=source, env=env)
        wanted = config_of("\n".join(fragment.read_text() for fragment in fragments))
        got = config_of((build / ".config").read_text())
        unmet = [option for option, value in wanted.items() if got.get(option) != value]
        if unmet:
            raise Failure(f"the kernel's Kconfig does not accept {', '.join(unmet)} "
                          f"({', '.join(map(shown, fragments))})")

        def compile_it(what: str, out: Path, *arguments: str) -> None:
            logged(["make", JOBS, f"O={build}", *arguments], half / "log", what, cwd=source,
                   env=env)
            image = output(["make", "-s", f"O={build}", "image_name"], cwd=source,
                           env={**os.environ, **env}).splitlines()[-1]
            shutil.copy(build / image, out / "vmlinuz")
            shutil.copy(build / "include/config/kernel.release", out / "release")

        compile_it(f"building the {name} kernel (ten minutes or more)", half)
        if name == "kunit":
            # The same with one type more, so that the others have other numbers.
            more = half / "one-more-type"
            more.mkdir()
            (more / "type.h").write_text("static struct one_more_type { int one; } one_more_type "
                                         "__attribute__((used));\n")
            compile_it("linking it once more, with one more type", more,
                       f"CFLAGS_do_mounts.o=-include {more}/type.h")
            compile_it("linking it as it was", half)
        slim(build)
        settle(build)
    # Not by their comments.
    settings = [json.dumps(config_of(fragment.read_text())) for fragment in fragments]
    return cached(f"{name}-{digest(packages.key(Path(__file__)), *settings)}",
                  f"the {name} kernel", make)


def slim(build: Path) -> None:
    """Deletes what a finished kernel build needs no more: objects, and debug
    information but BTF, which is what module builds read."""
    for kept in ("scripts", "tools", "rust"):
        if not (build / kept).is_dir():
            raise Failure(f"unexpected layout of the kernel build: no {kept}")
    for top in build.iterdir():
        if top.is_dir() and top.name not in ("scripts", "tools", "rust", "include"):
            for file in top.rglob("*"):
                if file.suffix in (".o", ".a") and not file.is_symlink():
                    file.unlink()
    for name in ("vmlinux.o", "vmlinux.a", "vmlinux.unstripped", ".tmp_vmlinux1", ".tmp_vmlinux2"):
        (build / name).unlink(missing_ok=True)
    output(["llvm-objcopy", "--strip-debug", str(build / "vmlinux")])
