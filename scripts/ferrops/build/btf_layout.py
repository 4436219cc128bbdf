# SPDX-License-Identifier: GPL-2.0-only
"""Writes assertions, in Rust, that our bindings lie in memory as the kernel's types do.

    btf-layout VMLINUX BINDINGS.rs >layout.rs

BINDINGS.rs is what bindgen made of the headers; VMLINUX carries the BTF of the kernel
as its own compiler laid it out, or is an object for which the same compiler did. For
each struct and union in both, the size and the offset of each member that is not a
bit-field are asserted at compile time.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from ferrops.environment.process import Failure, output

# The Rust bindings would be useless if these were not among the checked ones.
REQUIRED = {"sock", "inet_sock", "inet_connection_sock", "tcp_sock", "tcp_congestion_ops",
            "ack_sample", "rate_sample"}


def bound(source: str) -> dict[str, list[str]]:
    """The members of each `repr(C)` struct and union in bindgen's output."""
    found = {}
    for match in re.finditer(r"^pub (?:struct|union) (\w+) \{\n(.*?)^\}", source,
                             re.MULTILINE | re.DOTALL):
        members = re.findall(r"^\s+pub (\w+): ", match.group(2), re.MULTILINE)
        if members and not members[0].startswith(("_unused", "_address")):
            found[match.group(1)] = members
    return found


def assertions(btf: list[dict[str, Any]], structs: dict[str, list[str]]) -> list[str]:
    """One line of Rust for each size and offset that both sides know."""
    lines, seen = [], set()
    for kind in btf:
        name = kind.get("name")
        if kind["kind"] not in ("STRUCT", "UNION") or name not in structs or name in seen:
            continue
        seen.add(name)
        lines.append(f'    assert!(size_of::<super::{name}>() == {kind["size"]}, '
                     f'"{name}: size differs from the kernel\'s");')
        for member in kind.get("members", []):
            field = member["name"]
            rust = f"{field}_" if field in ("type", "match", "move", "in", "box", "ref") else field
            if not field or member.get("bitfield_size") or rust not in structs[name]:
                continue
            lines.append(f"    assert!(offset_of!(super::{name}, {rust}) == "
                         f'{member["bits_offset"] // 8}, '
                         f'"{name}.{field}: offset differs from the kernel\'s");')
    missing = REQUIRED - seen
    if missing:
        raise Failure(f"the kernel's BTF has no struct {', '.join(sorted(missing))}")
    return lines


def run() -> None:
    if len(sys.argv) != 3:
        raise Failure("usage: btf-layout VMLINUX BINDINGS.rs")
    vmlinux, bindings = map(Path, sys.argv[1:])
    if not vmlinux.exists():
        raise Failure(f"{vmlinux} does not exist: the kernel tree has no BTF to check struct "
                      f"layouts against; build it with CONFIG_DEBUG_INFO_BTF=y")
    btf = json.loads(output(["bpftool", "--json", "btf", "dump", "file", str(vmlinux)]))
    lines = assertions(btf["types"], bound(bindings.read_text()))
    print("use core::mem::{offset_of, size_of};")
    print("const _: () = {", *lines, "};", sep="\n")
