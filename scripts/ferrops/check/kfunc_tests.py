# SPDX-License-Identifier: GPL-2.0-only
"""What the guest of tests/kfunc is given, and what the finished modules say of kfuncs."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ferrops.build.artifacts import bpf_objects, bpf_program, bpf_samples, modules, test_modules
from ferrops.build.kernel_sources import kernel_types
from ferrops.environment.checkout import copied
from ferrops.environment.kernel import Kernel, kernel_tree
from ferrops.environment.process import CHECKOUT, Failure, output

TESTS = CHECKOUT / "tests/kfunc"


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


def without_bpf(kernel: Kernel, out: Path) -> Path:
    """A module as it is for a kernel without BPF: there it has no part in it."""
    config = (kernel.tree / "build/include/generated/autoconf.h").read_text()
    undefine = out / "undefine.h"
    undefine.write_text("".join(f"#undef {option}\n" for option in
                                re.findall(r"#define (CONFIG_\w*(?:BPF|BTF)\w*)", config)))
    copy = copied(out / "copy", "samples", "tests")
    shutil.copytree(CHECKOUT / "samples/tcp_rcubic", copy / "samples/tcp_rcubic")
    flags = f"CFLAGS_rust/kfuncs/tcp_rcubic_kfuncs.o=-I{copy}/rust -include {undefine}"
    done = subprocess.run([copy / "scripts/build-modules", kernel.tree / "build", "none", flags],
                          text=True, capture_output=True, check=False)
    if done.returncode:
        raise Failure(f"the module does not build without BPF:\n{done.stderr[-3000:]}")
    return (copy / "build/none/tcp_rcubic.ko").rename(out / "tcp_rcubic-without-bpf.ko")


def of_another_build(module: Path, out: Path) -> Path:
    """A module that was built with other declarations of the kfuncs that it uses."""
    made = out / f"{module.stem}-of-another-build.ko"
    symbols = re.findall(r" U (\w+_kfuncs_)(\w+)$", output(["nm", str(module)]), re.MULTILINE)
    if not symbols:
        raise Failure(f"{module.name} refers to no declarations; see declarations() in "
                      f"scripts/kfuncs")
    output(["objcopy", *(f"--redefine-sym={start}{end}={start}another" for start, end in symbols),
            str(module), str(made)])
    return made


def without_base(module: Path, out: Path) -> Path:
    """A module without the base of its types, by which the kernel finds them among its own."""
    made = out / f"{module.stem}-without-base.ko"
    output(["objcopy", "--remove-section=.BTF.base", str(module), str(made)])
    return made


def guide(out: Path) -> Path:
    """The commands of the guide, as it has them."""
    text = (CHECKOUT / "Documentation/module-first.rst").read_text()
    blocks = re.findall(r"::\n\n((?:\t.*\n|\n)+)", text)
    commands = [block for block in blocks if re.match(r"\t(insmod|rmmod|rm|sysctl) ", block)]
    if len(commands) < 3:
        raise Failure("Documentation/module-first.rst has no commands; see guide() in "
                      "scripts/ferrops/check/kfunc_tests.py")
    made = out / "guide"
    made.write_text(re.sub(r"(?m)^\t", "", "".join(commands)))
    return made


def programs(kernel: Kernel, out: Path, sources: list[Path]) -> dict[str, Path]:
    """BPF programs of the tests, and what they are made of, by their names in the guest."""
    types = kernel_types(kernel.tree / "build")
    found: dict[str, Path] = {}
    for source in sources:
        made = out / f"{source.stem}.o"
        bpf_program(source, types, CHECKOUT / "build/stock", made)
        place = source.relative_to(TESTS)
        found |= {str(place): source, str(place.with_suffix(".o")): made}
    return found | {f"samples/{path.name}": path for path in bpf_samples()}


def files(name: str, out: Path) -> dict[str, Path]:
    """What the guest with the kernel of this name needs, by its name there. The programs are those
    for the stock kernel."""
    stock = kernel_tree("stock")
    modules(stock, "stock", "FERROPS_TESTS=y")
    bpf_objects(stock, "stock")
    built = {ko.stem: ko for ko in test_modules(name)}
    found = {f"modules/{ko.name}": ko for ko in built.values()}
    found |= programs(stock, out, [*TESTS.glob("*.bpf.c"), *TESTS.glob("refused/*.bpf.c")])
    made = [*broken(built["tcp_rcubic"], out), without_bpf(kernel_tree(name), out), guide(out),
            *(of_another_build(built[module], out) for module in ("tcp_rimport", "tcp_crcubic"))]
    return found | {path.name: path for path in [*made, TESTS / "common.sh"]}


def moved_files(kernel: Kernel, stock: Kernel, out: Path) -> dict[str, Path]:
    """What the guest needs whose kernel has one more type than `kernel`, by its name there."""
    module = next(ko for ko in modules(kernel, "kunit") if ko.stem == "tcp_rcubic")
    found = programs(stock, out, [TESTS / "refused/table_of_another.bpf.c"])
    return found | {"modules/tcp_rcubic.ko": module, "common.sh": TESTS / "common.sh",
                    "tcp_rcubic-without-base.ko": without_base(module, out)}


def bare_files(kernel: Kernel, stock: Kernel) -> dict[str, Path]:
    """What the guest needs whose kernel has no BPF, by its name there."""
    bpf_objects(stock, "stock")
    found = {f"modules/{ko.name}": ko for ko in modules(kernel, "bare")
             if ko.stem.startswith("tcp_")}
    found |= {f"samples/{path.name}": path for path in bpf_samples()}
    return found | {"common.sh": TESTS / "common.sh"}


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
