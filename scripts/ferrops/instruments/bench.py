# SPDX-License-Identifier: GPL-2.0-only
"""What each callback costs: C, Rust and BPF next to one another.

    bench [--calls N] [--write]
    bench [--calls N] TABLE...
    bench TABLE HOOK:PATH

Counted in a guest with the stock kernel by the test module tests/opsdiff, in virtual
time, where figures are instructions and exact; where the machine virtualises, once
more in cycles. Prints tables and writes build/bench/summary.json and
build/bench/costs.png. With --write the figures go into Documentation/cost.rst and become
the baseline that `make check` compares with. With names of tables, also those of samples
of your own: these, in one table, and build/bench/tables.json. With a table and a path:
every instruction that is executed there. Documentation/cost.rst says how it is done.
"""

import argparse
import json
import re
import subprocess
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ferrops.environment.cache import locked
from ferrops.environment.descriptions import Description
from ferrops.environment.kernel import Kernel, kernel_tree
from ferrops.environment.process import CHECKOUT, Failure, output, say
from ferrops.guest import qemu
from ferrops.instruments import code_size, opsbench
from ferrops.instruments.opsbench import COLUMNS, OUR_BPF, RUST, Measured, families, title

OUT = CHECKOUT / "build/bench"
DOCUMENT = CHECKOUT / "Documentation/cost.rst"

# A multiple of the number of connections of a path: then each counts as often.
CALLS = 20_480

# What an instruction of the trampoline is there for.
PURPOSES = {
    "marks (endbr64, nop)": r"endbr64|(data16 |cs )*nop|xchg +%ax,%ax",
    "stack frame": r"push|pop|leave|ret|sub +\S+,%rsp|mov +%rsp,%rbp",
    "registers and results, to the stack and back": r"mov\w* +.*\(%rbp\)",
    "calls, their arguments and checks": r".*",
}

# A row of a table: its name, and a cell for each column.
Row = tuple[str, list[str]]


def disassembled(steps: list[tuple[int, str, bytes]]) -> list[str]:
    """The instructions, in AT&T syntax."""
    with TemporaryDirectory() as directory:
        source, made = Path(directory) / "steps.s", Path(directory) / "steps.o"
        # The disassembler begins anew at each label.
        source.write_text("".join(
            f"step{number:06}:\n.byte {', '.join(map(str, content))}\n"
            for number, (_, _, content) in enumerate(steps)))
        subprocess.run(["gcc", "-c", str(source), "-o", str(made)], check=True)
        text = output(["objdump", "--disassemble", "--no-show-raw-insn", str(made)])
    found = re.findall(r"<step\d+>:\n\s*\w+:\s+(.*)", text)
    if len(found) != len(steps):
        raise Failure(f"objdump shows {len(found)} of {len(steps)} instructions")
    return [re.sub(r"\s+<step.*>$", "", line).strip() for line in found]


def where(steps: list[tuple[int, str, bytes]]) -> Counter[str]:
    """What the instructions of a struct_ops call are there for."""
    counts: Counter[str] = Counter()
    within = "the trampoline: "
    for (_, symbol, _), text in zip(steps, disassembled(steps)):
        name = symbol.split()[0]
        if name.startswith("bpf__"):
            purpose = next(purpose for purpose, pattern in PURPOSES.items()
                           if re.match(pattern, text))
            counts[within + purpose] += 1
        elif name.startswith("bpf_prog_"):
            counts["the program"] += 1
        elif "read_lock" in name or name.startswith("__bpf_prog_enter"):
            counts["__bpf_prog_enter(): RCU, migration off, recursion"] += 1
        elif "read_unlock" in name or name.startswith("__bpf_prog_exit"):
            counts["__bpf_prog_exit(): the same, undone"] += 1
        else:
            counts[f"{name}()"] += 1
    return counts


def number(value: float | None) -> str:
    """A cell of a table."""
    return "none" if value is None else f"{value:.1f}"


def callbacks(measured: Measured, family: str) -> tuple[list[str], list[Row]]:
    """The columns and rows of a family's table."""
    names = [(column, table) for column, table in enumerate(families()[family])
             if table in measured.costs]
    ratios = measured.ratios(family)
    rows = []
    for path in measured.paths(family):
        cells = [number(measured.figure(table, path)) for _, table in names]
        if ratios:
            ratio = f"{ratios[path]:.2f}" if path in ratios else "none"
            # In parentheses: only reported.
            cells.insert(2, ratio if opsbench.is_per_ack(path) else f"({ratio})")
        rows.append((title(path), cells))
    heads = [table for _, table in names]
    if ratios:
        heads.insert(2, "ratio")
        mean = f"{opsbench.geometric_mean(list(measured.per_ack(family).values())):.3f}"
        rows.append(("geometric mean, but for those in ( )",
                     [mean if head == "ratio" else "" for head in heads]))
    return heads, rows


def sockets(measured: Measured) -> tuple[list[str], list[Row]]:
    """The same callback on many sockets in turn."""
    counts = sorted({count for found in measured.sockets.values() for count in found})
    return ([f"{count} sockets" if count > 1 else "1 socket" for count in counts],
            [(table, [number(found.get(count)) for count in counts])
             for table, found in measured.sockets.items() if found])


def megabytes(measured: Measured) -> tuple[list[str], list[Row]]:
    """What the whole machine does for a megabyte."""
    return ["million instructions"], [(table, [f"{value / 1e6:.2f}"])
                                      for table, value in measured.megabyte.items()]


def ways(measured: Measured) -> tuple[list[str], list[Row]]:
    """What it takes to call something."""
    counts = {way: where(steps) for way, steps in measured.ways.items()}
    purposes = list(dict.fromkeys(purpose for count in counts.values() for purpose in count))
    rows = [(purpose, [str(count[purpose]) for count in counts.values()]) for purpose in purposes]
    rows.append(("all", [str(count.total()) for count in counts.values()]))
    return list(counts), rows


def kfuncs(measured: Measured, known: Description) -> tuple[list[str], list[Row]]:
    """What callbacks cost that BPF calls as kfuncs, and how much that is more."""
    pairs = opsbench.as_kfuncs(known)
    heads = [head for pair in pairs.items() for head in (*pair, "more")]
    rows = []
    for path, more in opsbench.as_kfunc(measured, known).items():
        cells = []
        for pair, added in zip(pairs.items(), more):
            cells += [number(measured.figure(table, path)) for table in pair] + [number(added)]
        rows.append((title(path), cells))
    return heads, rows


def hooks(measured: Measured) -> tuple[list[str], list[Row]]:
    """What programs take over a transfer: the kernel's in BPF, and ours."""
    rows = []
    for theirs, ours, _ in opsbench.compared_programs(list(measured.hooks)):
        for hook, (calls, cost) in measured.hooks[ours].items():
            there = measured.hooks[theirs].get(hook)
            rows.append((f"{ours}: {hook}", [str(calls), number(there and there[1]),
                                             number(cost)]))
    return ["calls", "the kernel's", "ours"], rows


def sizes(stock: Kernel, measured: Measured) -> tuple[list[str], list[Row]]:
    """Bytes of code."""
    return ["C", "Rust", "Rust in BPF, as the kernel compiles it"], [
        (family, [str(size.c), str(size.rust),
                  str(measured.compiled.get(families()[family][OUR_BPF], "none"))])
        for family, size in code_size.of(stock).items()
        if families()[family][RUST] in measured.costs]


def plain(heads: list[str], rows: list[Row]) -> str:
    """A table for a terminal."""
    first = max(len(name) for name, _ in rows)
    widths = [max([len(head), *(len(cells[i]) for _, cells in rows)])
              for i, head in enumerate(heads)]
    lines = [" " * first + "".join(f"  {head:>{width}}" for head, width in zip(heads, widths))]
    lines += [f"{name:<{first}}" + "".join(f"  {cell:>{width}}" for cell, width in
                                           zip(cells, widths)) for name, cells in rows]
    return "\n".join(f"  {line.rstrip()}" for line in lines)


def rst(heads: list[str], rows: list[Row]) -> str:
    """The same for Documentation/."""
    table = [["", *heads], *([name, *cells] for name, cells in rows)]
    table = [[cell or ("\\" if i == 0 else "–") for i, cell in enumerate(row)] for row in table]
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths)).rstrip()
             for row in table]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


def draw(measured: Measured, picture: Path) -> None:
    """A bar for each path and language, a panel for each family."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    colours = ["#9ecae1", "#08519c", "#fdae6b", "#e6550d"]
    drawn = [family for family in families() if measured.paths(family)]
    heights = [len(measured.paths(family)) + 1.5 for family in drawn]
    figure, panels = pyplot.subplots(len(drawn), 1, figsize=(11, sum(heights) * 0.42),
                                     height_ratios=heights, layout="constrained", squeeze=False)
    for panel, family in zip(panels[:, 0], drawn):
        paths = measured.paths(family)
        present = [column for column, table in enumerate(families()[family])
                   if table in measured.costs]
        for place, column in enumerate(present):
            table = families()[family][column]
            values = [measured.figure(table, path) or 0 for path in paths]
            places = [at + 0.8 * (place + 0.5) / len(present) - 0.4 for at in range(len(paths))]
            panel.barh(places, values, 0.8 / len(present), color=colours[column],
                       label=f"{table} ({COLUMNS[column]})")
        panel.set_yticks(range(len(paths)), [title(path) for path in paths], fontsize=8)
        panel.invert_yaxis()
        panel.margins(y=0.01)
        panel.set_title(family, loc="left", fontsize=11)
        panel.grid(axis="x", alpha=0.3)
        panel.set_axisbelow(True)
        panel.legend(loc="best", fontsize=8)
    panels[-1, 0].set_xlabel("instructions a call" if measured.exact else "cycles a call")
    figure.savefig(picture, dpi=100)


def summary(stock: Kernel, measured: Measured) -> dict[str, Any]:
    """For programs."""
    return {
        "kernel": stock.release, "rustc": opsbench.compiler(),
        "unit": "instructions" if measured.exact else "cycles",
        "callbacks": {table: {path: {"calls": cost.calls, "mean": cost.mean, "least": cost.least,
                                     "median": cost.median, "most": cost.most}
                              for path, cost in costs.items()}
                      for table, costs in measured.costs.items()},
        "ratios": {family: {"paths": ratios, "geometric_mean_per_ack":
                            opsbench.geometric_mean(list(measured.per_ack(family).values()))}
                   for family in families() if (ratios := measured.ratios(family))},
        "sockets": measured.sockets,
    } | ({
        "per_megabyte": measured.megabyte,
        "over_a_transfer": {table: {hook: {"calls": calls, "mean": mean}
                                    for hook, (calls, mean) in found.items()}
                            for table, found in measured.hooks.items()},
        "ways_of_calling": {way: dict(where(steps)) for way, steps in measured.ways.items()},
    } if measured.exact else {})


def all_tables(stock: Kernel, measured: Measured) -> dict[str, tuple[list[str], list[Row]]]:
    """Every table, by its title."""
    unit = "instructions" if measured.exact else "cycles"
    found = {f"{family}, {unit} a call": callbacks(measured, family) for family in families()
             if measured.paths(family)}
    found[f"cong_avoid in a later tick, on many sockets in turn, {unit} a call"] = \
        sockets(measured)
    if measured.exact:
        for known in opsbench.on_kfuncs():
            found[f"Callbacks of {known.name} that BPF calls as kfuncs, instructions a call"] = \
                kfuncs(measured, known)
        found["Programs in BPF over a transfer of 18 MiB, instructions a call"] = hooks(measured)
        found["Ways of calling, instructions"] = ways(measured)
        found["A megabyte (10^6 bytes) carried, all that the machine does at both ends"] = \
            megabytes(measured)
        found["Code, bytes"] = sizes(stock, measured)
    return found


def rewritten(document: str, tables: dict[str, tuple[list[str], list[Row]]], head: str) -> str:
    """Documentation/cost.rst with these tables."""
    begin, end = ".. begin: make bench WRITE=y", ".. end: make bench WRITE=y"
    if begin not in document or end not in document:
        raise Failure(f"{DOCUMENT.name} lacks the lines '{begin}' and '{end}'")
    text = "\n\n".join(f"{name}\n{'-' * len(name)}\n\n{rst(*table)}"
                       for name, table in tables.items())
    return f"{document.split(begin)[0]}{begin}\n\n{head}\n\n{text}\n\n{end}" + \
        document.split(end)[1]


def check_known(tables: list[str]) -> None:
    """Refuses a table that there is not."""
    known = opsbench.all_tables() + opsbench.own()
    for table in tables:
        if table not in known:
            raise Failure(f"there is no table '{table}'; there are {', '.join(known)} (and a path "
                          "is written HOOK:PATH)")


def these(stock: Kernel, tables: list[str], calls: int) -> None:
    """Counts what the callbacks of these tables cost."""
    check_known(tables)
    OUT.mkdir(parents=True, exist_ok=True)
    say(f"booting Linux {stock.release} to count what callbacks cost")
    tables = list(dict.fromkeys(tables))
    measured = opsbench.measure_callbacks(stock, tables, calls)
    paths = dict.fromkeys(path for costs in measured.costs.values() for path in costs)
    rows = [(title(path), [number(measured.figure(table, path)) for table in tables])
            for path in paths]
    print(f"\ninstructions a call\n\n{plain(tables, rows)}")
    (OUT / "tables.json").write_text(json.dumps(summary(stock, measured), indent=2) + "\n")
    print("\nbuild/bench/tables.json has the figures.")


def listing(stock: Kernel, table: str, path: str) -> None:
    """Prints every instruction of a path."""
    check_known([table])
    steps = opsbench.steps(stock, table, path.replace(": ", ":").replace(" ", "_"))
    for (address, symbol, _), text in zip(steps, disassembled(steps)):
        print(f"{address:x}  {symbol:<36}{text}")
    print(f"{len(steps)} instructions")


def run() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="What each callback costs.")
    parser.add_argument("path", nargs="*", metavar="TABLE [HOOK:PATH]",
                        help="count these tables only; or show each instruction of a path")
    parser.add_argument("--calls", type=int, default=CALLS, metavar="N",
                        help=f"of each callback on each path (default: {CALLS})")
    parser.add_argument("--write", action="store_true",
                        help="also into Documentation/cost.rst and the baseline")
    given = parser.parse_args()
    if not 1 <= given.calls <= 10_000_000:
        raise Failure(f"{given.calls} calls; there can be 1 to 10000000")
    if given.path and given.write:
        raise Failure("only the figures of all tables are written; name none")
    stock = kernel_tree("stock")
    with locked(OUT.with_suffix(".lock"), "counting"):
        if given.path and all(":" not in word for word in given.path):
            these(stock, given.path, given.calls)
        elif given.path:
            listing(stock, given.path[0], " ".join(given.path[1:]))
        else:
            everything(stock, given.calls, given.write)


def everything(stock: Kernel, calls: int, write: bool) -> None:
    """Counts, prints, draws."""
    start = time.monotonic()
    OUT.mkdir(parents=True, exist_ok=True)
    say(f"booting Linux {stock.release} to count what callbacks cost")
    tables = opsbench.all_tables()
    measured = opsbench.measure(stock, calls, tables)
    found = all_tables(stock, measured)
    data = summary(stock, measured)
    total = sum(cost.calls for costs in measured.costs.values() for cost in costs.values())
    if qemu.kvm_works():
        say("once more, in cycles")
        cycles = opsbench.measure(stock, calls, tables, virtual=False)
        found |= all_tables(stock, cycles)
        data["cycles"] = summary(stock, cycles)
        draw(cycles, OUT / "cycles.png")
    for name, table in found.items():
        print(f"\n{name}\n\n{plain(*table)}")
    (OUT / "summary.json").write_text(json.dumps(data, indent=2) + "\n")
    draw(measured, OUT / "costs.png")
    if write:
        head = (f"Linux {stock.release}, rustc {opsbench.compiler()}; {total:,} calls. "
                "*none*: no such callback.")
        DOCUMENT.write_text(rewritten(DOCUMENT.read_text(), found, head))
        opsbench.BASELINES.mkdir(exist_ok=True)
        opsbench.baseline(stock).write_text(
            json.dumps(opsbench.figures(measured), indent=2) + "\n")
        print(f"\nwritten: Documentation/cost.rst, "
              f"{opsbench.baseline(stock).relative_to(CHECKOUT)}")
    print(f"\n{total:,} calls. build/bench/costs.png shows the figures, build/bench/summary.json "
          f"has them. ({time.monotonic() - start:.0f} s)")
