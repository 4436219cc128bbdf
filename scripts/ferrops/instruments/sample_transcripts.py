# SPDX-License-Identifier: GPL-2.0-only
"""The transcripts in samples/README.md: runs them in a guest, and compares what they print.

A transcript is a block between lines of backticks; its lines with "# " are commands, and the others
what the command above prints. Numbers that follow ":" or "id" are not compared: measured values,
and ids.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ferrops.build.artifacts import bpf_objects, bpf_samples, loader, modules
from ferrops.environment.kernel import kernel_tree
from ferrops.environment.process import CHECKOUT, Failure
from ferrops.guest import qemu

DOCUMENT = "samples/README.md"

# A command, and the lines that it prints.
Command = tuple[str, list[str]]


def transcripts(text: str) -> dict[str, list[Command]]:
    """The commands by the sections' titles."""
    found: dict[str, list[Command]] = {}
    title, inside = "", False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = not inside
        elif not inside and line.startswith("## "):
            title = line.removeprefix("## ")
            found[title] = []
        elif inside and line.startswith("# "):
            found[title].append((line.removeprefix("# "), []))
        elif inside and found[title]:
            found[title][-1][1].append(line)
        elif inside:
            raise Failure(f"{DOCUMENT}:{number}: a transcript begins with a command ('# ...')")
    return found


def samples(names: list[str]) -> set[str]:
    """The titles that there have to be: a module's folder, or a BPF program without its suffix."""
    parts = [name.split("/") for name in names if name.startswith("samples/")]
    return {path[1] if path[1] != "bpf" else f"bpf/{path[2].removesuffix('.bpf.c')}"
            for path in parts if len(path) > 2}


def findings(checkout: Path, names: list[str]) -> Iterator[str]:
    """Which samples have no section, and which sections no sample. For lint."""
    titles = set(transcripts((checkout / DOCUMENT).read_text()))
    yield from (f"{DOCUMENT}: has no section '## {name}'" for name in samples(names) - titles)
    yield from (f"{DOCUMENT}: '## {name}' is no sample" for name in titles - samples(names))


def run() -> tuple[qemu.Run, dict[str, list[Command]]]:
    """The guest that runs them, and what is to be run."""
    stock = kernel_tree("stock")
    files = {f"build/stock/{ko.name}": ko for ko in modules(stock, "stock")}
    files |= {f"build/bpf/{path.name}": path for path in bpf_objects(stock, "stock")}
    files |= {f"build/bpf/samples/{path.name}": path for path in bpf_samples()}
    files["build/ccload"] = loader()
    wanted = transcripts((CHECKOUT / DOCUMENT).read_text())
    work = CHECKOUT / "build/transcripts"
    work.mkdir(parents=True, exist_ok=True)
    order = work / "order"
    order.write_text("".join(f"{name}\n" for name, _, _ in listed(wanted)))
    files["transcripts/order"] = order
    for name, command, _ in listed(wanted):
        (work / name).write_text(f"{command}\n")
        files[f"transcripts/{name}"] = work / name
    return qemu.Run(stock, CHECKOUT / "tests/guest/samples.sh", files=files,
                     progress=lambda line: None), wanted


def listed(wanted: dict[str, list[Command]]) -> Iterator[tuple[str, str, list[str]]]:
    """Each command, by its section and number, and what it has to print."""
    for title, commands in wanted.items():
        for number, (command, expected) in enumerate(commands, 1):
            yield f"{title.replace('/', '-')}.{number}", command, expected


def compared(output: str, wanted: dict[str, list[Command]]) -> Iterator[tuple[str, str]]:
    """Each command by its section and number, and what is wrong with what it printed."""
    printed = {name: text.splitlines() for name, text in re.findall(
        r"^%% begin (\S+)\n(.*?)^%% end$", output, re.MULTILINE | re.DOTALL)}
    for name, command, expected in listed(wanted):
        if name not in printed:
            yield name, f"'{command}' did not run"
        elif masked(printed[name]) != masked(expected):
            yield name, (f"'{command}' prints '{' / '.join(printed[name])}', and not "
                         f"'{' / '.join(expected)}'")
        else:
            yield name, ""


def masked(lines: list[str]) -> list[str]:
    """Lines without what may differ: measured values and ids, and spaces at the ends."""
    return [re.sub(r"(?<=:)\d+(\.\d+)?|(?<=id )\d+", "N", line).strip() for line in lines]
