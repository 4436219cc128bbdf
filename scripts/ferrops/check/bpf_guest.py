# SPDX-License-Identifier: GPL-2.0-only
"""Runs tests/guest/bpf.sh in guests: the BPF objects, built once, on one kernel or another."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferrops.build.artifacts import bpf_objects, bpf_samples, loader, modules
from ferrops.build.kernel_sources import kernel_types
from ferrops.environment.checkout import copied
from ferrops.environment.kernel import Kernel, kernel_tree
from ferrops.environment.process import CHECKOUT, Failure, output
from ferrops.guest import qemu

SCRIPT = CHECKOUT / "tests/guest/bpf.sh"
PROBES = CHECKOUT / "tests/guest/bpf"

# All kernels that there are.
KERNELS = ("stock", "testing", "older", "kunit")

MODULE = """\
//! [`{name}`] as a kernel module.

#[expect(unused_attributes, reason = "the file is a crate of its own elsewhere")]
pub mod {name};

ferrops::module_tcp_congestion_ops! {{
    algorithm: {name}::{algorithm},
    name: "tcp_{name}",
    authors: ["Nobody"],
    description: "A test",
    license: "GPL",
}}
"""


@dataclass
class Program:
    """A program that is loaded."""
    callback: str
    instructions: int
    bytes: int
    verified: int


def copy_checkout(directory: Path) -> Path:
    """A copy of the checkout, to add samples to and to build BPF objects of."""
    copy = copied(directory / "copy")
    rust = "build/stock/rust"
    shutil.copytree(CHECKOUT / rust / "kfuncs", copy / rust / "kfuncs")
    shutil.copy(CHECKOUT / rust / "bindings_generated.rs", copy / rust)
    return copy


def add_sample(copy: Path, name: str, text: str) -> Path:
    """Makes a sample of an algorithm; returns its directory."""
    directory = copy / f"samples/tcp_{name}"
    directory.mkdir()
    algorithm = re.search(r"^impl CongestionControl for (\w+)", text, re.MULTILINE)
    (directory / f"tcp_{name}.rs").write_text(
        MODULE.format(name=name, algorithm=algorithm.group(1) if algorithm else name))
    (directory / f"{name}.rs").write_text(text)
    return directory


def files(directory: Path) -> dict[str, Path]:
    """What tests/guest/bpf.sh needs, by the names in the guest: all built for the stock kernel."""
    stock = kernel_tree("stock")
    modules(stock, "stock")
    found = {f"bpf/{path.name}": path for path in bpf_objects(stock, "stock")}
    payload = directory / "payload"
    with stock.image.open("rb") as image:
        payload.write_bytes(image.read(3 << 20))
    return found | probes(directory) | {
        "ccload": loader(), "payload": payload, "tests.sh": CHECKOUT / "tests/guest/tests.sh",
        "transfer.sh": CHECKOUT / "scripts/ferrops/guest/transfer.sh"}


def carried(inside: dict[str, Path]) -> list[str]:
    """The tests that tests/guest/bpf.sh has for each object among these files."""
    return [f"carries_a_file_{Path(name).name.removesuffix('.bpf.o')}" for name in inside
            if name.startswith("bpf/")]


def probes(directory: Path) -> dict[str, Path]:
    """What tests/guest/bpf.sh needs to have refused, by the names in the guest."""
    stock = kernel_tree("stock")
    copy = copy_checkout(directory)
    fields = copy / "rust/tcp_cc/schema.rs"
    fields.write_text(re.sub(r"(?<= lost: u32 as Packets = tcp_sock, )\[lost\]",
                             "[accecn_opt_tstamp]", fields.read_text()))
    for path in PROBES.glob("*.rs"):
        add_sample(copy, path.stem, path.read_text())
    names = [f"tcp_{path.stem}" for path in PROBES.glob("*.rs")]
    done = subprocess.run([sys.executable, copy / "scripts/build-bpf", stock.tree / "build",
                           "stock", *names], text=True, capture_output=True, check=False)
    if done.returncode:
        raise Failure(f"tests/guest/bpf does not build:\n{done.stderr[-4000:]}")
    files = {f"probes/{path.name}": path for path in (copy / "build/bpf").glob("*.bpf.o")}
    samples = {path.stem.removesuffix(".bpf"): path for path in bpf_samples()}
    files["probes/kfuncs.bpf.o"] = samples["bpf_rcubic"]
    files["probes/scheduler.bpf.o"] = samples["scx_rparts"]
    other = directory / "other.o"
    for name, define in (("callbacks", "CALLBACKS"), ("events", "EVENTS")):
        output(["clang", "--target=bpf", "-g", "-O2", f"-D{define}", "-c",
                str(PROBES / "other_kernel.c"), "-o", str(other)])
        files[f"probes/{name}.btf"] = types(other, directory / f"{name}.btf")
    for name, *defines in (("first", "WINDOW=11"), ("second", "WINDOW=13"),
                           ("unlinked", "WINDOW=11", 'SECTION=".struct_ops"'),
                           ("refused", "WINDOW=11", "REFUSED")):
        files[f"probes/{name}.bpf.o"] = foreign(directory, name, defines)
    files["probes/without.btf"] = types(CHECKOUT / "build/bpf/rreno.bpf.o", directory / "without")
    return files


def foreign(directory: Path, name: str, defines: list[str]) -> Path:
    """Compiles tests/guest/bpf/foreign.c."""
    source, made = directory / f"{name}.c", directory / f"{name}.bpf.o"
    source.write_bytes((PROBES / "foreign.c").read_bytes().replace(b"LETTER", b"\xf6\xdfe"))
    vmlinux = kernel_types(kernel_tree("stock").build)
    output(["clang", "--target=bpf", "-g", "-O2", "-mcpu=v4", f"-I{vmlinux}",
            '-DSECTION=".struct_ops.link"', *(part for define in defines for part in
                                              ("-U" + define.split("=")[0], f"-D{define}")),
            "-c", str(source), "-o", str(made)])
    return made


def types(path: Path, target: Path) -> Path:
    """The BTF of an object, in a file of its own."""
    output(["llvm-objcopy", f"--dump-section=.BTF={target}", str(path), "/dev/null"])
    return target


def max_tcp_header(config: str) -> int:
    """`MAX_TCP_HEADER` of a kernel with this configuration: include/linux/netdevice.h, tcp.h."""
    def is_on(*options: str) -> bool:
        return any(re.search(rf"^CONFIG_{option}=[ym]$", config, re.MULTILINE)
                   for option in options)
    if re.search(r"^CONFIG_HYPERV_NET=y$", config, re.MULTILINE) or is_on("MAC80211_MESH"):
        link = 128
    else:
        link = 96 if is_on("WLAN", "AX25") else 32
    tunnel = 48 if is_on("NET_IPIP", "NET_IPGRE", "IPV6_SIT", "IPV6_TUNNEL") else 0
    return -(-(128 + link + tunnel) // 64) * 64


def constants(kernel: Kernel) -> tuple[int, int]:
    """`HZ` and `MAX_TCP_HEADER` of a kernel."""
    config = (kernel.tree / "build/.config").read_text()
    found = re.search(r"^CONFIG_HZ=(\d+)$", config, re.MULTILINE)
    if not found:
        raise Failure(f"the configuration of {kernel.release} has no CONFIG_HZ")
    return int(found.group(1)), max_tcp_header(config)


def tests(kernel: Kernel, inside: dict[str, Path], out: Path) -> qemu.Run:
    """tests/guest/bpf.sh in a guest with this kernel."""
    return qemu.Run(kernel, SCRIPT, list(map(str, constants(kernel))), inside,
                     ["kunit.enable=0"], timeout=1800, out=out)


def programs(out: Path) -> dict[str, list[Program]]:
    """What tests/guest/bpf.sh loaded, by the table."""
    found: dict[str, list[Program]] = {}
    for block in re.findall(r"^\S.*\n(?:  .*\n)*", (out / "programs").read_text(), re.MULTILINE):
        table, *_ = block.split()
        found[table] = [Program(name, *map(int, numbers)) for name, *numbers in re.findall(
            r"^  (\w+): (\d+) instructions, (\d+) bytes of machine code, (\d+) instr", block,
            re.MULTILINE)]
    return found


def figures(kernel: Kernel, out: Path) -> list[dict[str, Any]]:
    """What became of each object in the guest that wrote to `out`."""
    hz, header = constants(kernel)
    rows = []
    for table_, loaded in programs(out).items():
        carried_ = json.loads((out / f"{table_}.json").read_text())
        rows.append({"kernel": kernel.release, "hz": hz, "max_tcp_header": header, "table": table_,
                     "goodput_mbit": carried_["goodput_mbit"],
                     "retransmits": carried_["retransmits"],
                     "programs": [vars(program) for program in loaded]})
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """The same for people."""
    head = (f"{'kernel':<28}{'HZ':>5}{'MAX_TCP_HEADER':>16}  {'table':<12}{'goodput':>12}"
            f"{'retrans':>9}{'callbacks':>11}{'instructions':>14}{'verified':>10}")
    lines = [f"  {head}", f"  {'-' * len(head)}"]
    for row in rows:
        total = {key: sum(program[key] for program in row["programs"])
                 for key in ("instructions", "verified")}
        lines.append(f"  {row['kernel']:<28}{row['hz']:>5}{row['max_tcp_header']:>16}  "
                     f"{row['table']:<12}{row['goodput_mbit']:>7.2f} Mb/s{row['retransmits']:>9}"
                     f"{len(row['programs']):>11}{total['instructions']:>14}"
                     f"{total['verified']:>10}")
    return "\n".join(lines)
