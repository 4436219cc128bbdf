# SPDX-License-Identifier: GPL-2.0-only
"""What the guest of tests/kfuncs is given, and what the finished modules say of kfuncs."""

import re
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

from build import bpf_objects, bpf_program, bpf_samples, kernel_types, modules
from common import CHECKOUT, Failure, output
from guest import Kernel

TESTS = CHECKOUT / "tests/kfuncs"


def changed(module: Path, made: Path, section: str, change: bytes) -> Path:
    """A copy of a module, in which a section has another content."""
    content = made.with_suffix(".section")
    content.write_bytes(change)
    output(["objcopy", f"--update-section={section}={content}", str(module), str(made)])
    return made


def section_of(module: Path, name: str, directory: Path) -> bytes:
    """The content of a section."""
    content = directory / "section"
    output(["objcopy", f"--dump-section={name}={content}", str(module), "/dev/null"])
    return content.read_bytes()


def broken(module: Path, out: Path) -> list[Path]:
    """Copies of a module that cannot be loaded, or have no kfuncs."""
    without = out / f"{module.stem}-without-btf.ko"
    output(["objcopy", "--remove-section=.BTF", "--remove-section=.BTF.base", str(module),
            str(without)])
    btf = section_of(module, ".BTF", out)
    ids = bytearray(section_of(module, ".BTF_ids", out))
    # A count and flags, then pairs of an id and flags.
    for at in range(8, 8 + 8 * int.from_bytes(ids[:4], "little"), 8):
        ids[at:at + 4] = (1).to_bytes(4, "little")
    this = section_of(module, ".gnu.linkonce.this_module", out)
    other = module.stem[:-1] + "X"
    return [without,
            changed(module, out / f"{module.stem}-broken-btf.ko", ".BTF", b"\0\0" + btf[2:]),
            changed(module, out / f"{module.stem}-bad-ids.ko", ".BTF_ids", bytes(ids)),
            changed(module, out / f"{module.stem}-again.ko", ".gnu.linkonce.this_module",
                    this.replace(module.stem.encode(), other.encode()))]


def with_one_more_type(btf: bytes) -> bytes:
    """BTF with an integer type of its own at the end: whatever comes after has other ids."""
    _, header, type_at, type_len, str_at, str_len = struct.unpack_from("<6I", btf)
    types, strings = header + type_at, header + str_at
    name = b"one_more_type\0"
    # An integer of 4 bytes and 32 bits.
    more = struct.pack("<4I", str_len, 1 << 24, 4, 32)
    changed_header = bytearray(btf[:types])
    struct.pack_into("<4I", changed_header, 8, type_at, type_len + len(more), str_at + len(more),
                     str_len + len(name))
    return (bytes(changed_header) + btf[types:types + type_len] + more +
            btf[strings:strings + str_len] + name)


def moved(kernel: Kernel, out: Path) -> list[Path]:
    """A module as it is built for a kernel with one type more; and the same without the base
    that its BTF was given for that."""
    kdir = out / "kdir"
    shutil.copytree(kernel.tree / "build", kdir, symlinks=True)
    makefile = kdir / "Makefile"
    makefile.write_text(makefile.read_text().replace(str(kernel.tree / "build"), str(kdir)))
    btf = section_of(kdir / "vmlinux", ".BTF", out)
    changed(kernel.tree / "build/vmlinux", kdir / "vmlinux", ".BTF", with_one_more_type(btf))
    copy = out / "copy"
    shutil.copytree(CHECKOUT, copy, symlinks=True,
                    ignore=shutil.ignore_patterns(".git", "build", "tests"))
    done = subprocess.run([copy / "scripts/build-modules", kdir, "moved"], text=True,
                          capture_output=True, check=False)
    if done.returncode:
        raise Failure(f"the modules do not build with one more type:\n{done.stderr[-3000:]}")
    made = out / "tcp_rcubic-moved.ko"
    shutil.copy(copy / "build/moved/tcp_rcubic.ko", made)
    without = out / "tcp_rcubic-moved-without-base.ko"
    output(["objcopy", "--remove-section=.BTF.base", str(made), str(without)])
    return [made, without]


def files(kernel: Kernel, out: Path) -> dict[str, Path]:
    """What the guest needs, by its name there."""
    built = modules(kernel, "stock", "FERROPS_TESTS=y")
    bpf_objects(kernel, "stock")
    types = kernel_types(kernel.tree / "build")
    found = {f"modules/{ko.name}": ko for ko in built}
    found |= {f"samples/{path.name}": path for path in bpf_samples()}
    for source in [*TESTS.glob("*.bpf.c"), *TESTS.glob("wrong/*.bpf.c")]:
        made = out / f"{source.stem}.o"
        bpf_program(source, types, CHECKOUT / "build/stock", made)
        place = source.relative_to(TESTS)
        found |= {str(place): source, str(place.with_suffix(".o")): made}
    by_name = {ko.stem: ko for ko in built}
    found |= {path.name: path
              for path in [*broken(by_name["tcp_rcubic"], out), *moved(kernel, out)]}
    return found


def read_back(kernel: Kernel, module: Path) -> Iterator[tuple[str, str]]:
    """What is wrong with a module's BTF, by kfunc: empty if it is as its header says."""
    header = CHECKOUT / f"build/stock/rust/kfuncs/{module.stem}_kfuncs.h"
    if not header.exists():
        return
    dump = subprocess.run(["bpftool", "btf", "dump", "file", module, "-B",
                           kernel.tree / "build/vmlinux", "format", "c"],
                          text=True, capture_output=True, check=True).stdout
    raw = subprocess.run(["bpftool", "btf", "dump", "file", module, "-B",
                          kernel.tree / "build/vmlinux"],
                         text=True, capture_output=True, check=True).stdout
    tagged = set(re.findall(r"DECL_TAG 'bpf_kfunc' type_id=(\d+)", raw))
    for prototype, name in re.findall(r"^extern (.* \*?(\w+)\(.*\)) FERROPS_KSYM;$",
                                      header.read_text(), re.MULTILINE):
        found = re.search(rf"^\[(\d+)\] FUNC '{name}' ", raw, re.MULTILINE)
        if not found:
            yield name, "the BTF has no such function"
        elif found.group(1) not in tagged:
            yield name, "the function has no tag bpf_kfunc"
        elif f"extern {plain(prototype)} __weak __ksym;" not in map(plain, dump.splitlines()):
            wrong = [line for line in dump.splitlines() if f" {name}(" in line.replace("*", " ")]
            yield name, f"{wrong} instead of {plain(prototype)}"
        else:
            yield name, ""


def plain(prototype: str) -> str:
    """A prototype with one way to write it; bpftool numbers the types that a module has too."""
    return re.sub(r"\s*\*\s*", " *", re.sub(r"___\d+\b", "", prototype)).strip()
