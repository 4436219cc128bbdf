# SPDX-License-Identifier: GPL-2.0-only
"""Has the test module opsdiff count what callbacks cost, and reads what it prints."""

import json
import math
import re
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ferrops.build.artifacts import bpf_program
from ferrops.build.kernel_sources import kernel_types
from ferrops.environment.descriptions import Description, descriptions
from ferrops.environment.kernel import Kernel
from ferrops.environment.process import CHECKOUT, Failure, output, say
from ferrops.guest import base_image, qemu
from ferrops.instruments import opsdiff

# The columns of a family, which is an algorithm: its table in C, ours as a module, the kernel's in
# BPF, ours in BPF.
C, RUST, KERNELS_BPF, OUR_BPF = range(4)
COLUMNS = ["C", "Rust", "kernel's BPF", "Rust in BPF"]

# A table in BPF that is of no family, and does nothing.
NOTHING = "bpf_nothing"

# Connections of a path, as in tests/opsdiff/paths.rs.
VARIANTS = 64

# How much is carried, in MiB, to see what a megabyte takes: by the difference.
SMALL, LARGE = 2, 18
# Which of a family's tables carry it.
CARRY = [C, RUST, OUR_BPF]

# What is in BPF but a call, of whom, and on which path.
WAYS = {
    "a struct_ops program with nothing in it": "undo_cwnd:it_was_no_loss",
    "the same with a call of a kfunc in C": "min_tso_segs:TSO",
    "the same with a call of a kfunc in Rust": "sndbuf_expand:the_send_buffer",
}


@dataclass
class Cost:
    """What the calls of a callback cost on one path."""

    calls: int
    total: int
    least: int
    median: int
    most: int

    @property
    def mean(self) -> float:
        return self.total / self.calls


@dataclass
class Measured:
    """All that was counted."""

    # Whether in instructions; else in cycles.
    exact: bool
    # By table, then by "HOOK:PATH".
    costs: dict[str, dict[str, Cost]] = field(default_factory=dict)
    # By table, then by how many sockets.
    sockets: dict[str, dict[int, float]] = field(default_factory=dict)
    # Instructions of everything while a megabyte (10^6 bytes) is carried, by table.
    megabyte: dict[str, float] = field(default_factory=dict)
    # Each instruction from the call of a program with nothing in it to the return: address,
    # symbol, bytes; by WAYS.
    ways: dict[str, list[tuple[int, str, bytes]]] = field(default_factory=dict)
    # Bytes of machine code that the kernel made of the programs of a table.
    compiled: dict[str, int] = field(default_factory=dict)
    # By table in BPF, then by hook: how often it was called over a transfer, and what the program
    # took each time.
    hooks: dict[str, dict[str, tuple[int, float]]] = field(default_factory=dict)

    def figure(self, table: str, path: str) -> float | None:
        """What a table costs on a path: the mean of instructions, the median of cycles."""
        cost = self.costs.get(table, {}).get(path)
        if not cost:
            return None
        return cost.mean if self.exact else float(cost.median)

    def paths(self, family: str) -> list[str]:
        """The paths of a family, in their order."""
        tables = [self.costs.get(table, {}) for table in families()[family]]
        return list(dict.fromkeys(path for costs in tables for path in costs))

    def ratios(self, family: str) -> dict[str, float]:
        """What Rust costs where C costs 1, on each path."""
        c, rust = families()[family][C], families()[family][RUST]
        found = {}
        for path in self.paths(family):
            ours, theirs = self.figure(rust, path), self.figure(c, path)
            if ours is not None and theirs:
                found[path] = ours / theirs
        return found

    def per_ack(self, family: str) -> dict[str, float]:
        """Those of the ratios on paths that run for each ACK or packet."""
        return {path: ratio for path, ratio in self.ratios(family).items() if is_per_ack(path)}


def geometric_mean(ratios: list[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else 1.0


def families() -> dict[str, tuple[str, str, str, str]]:
    """The tables of each family; the kernel's in BPF is empty if there is none."""
    return {known.reference: (known.reference, known.name, known.kernels_bpf, known.bpf)
            for known in descriptions().values()}


def tables() -> list[str]:
    """All tables of the families."""
    return [table for names in families().values() for table in names if table]


def on_kfuncs() -> list[Description]:
    """The algorithms that have a program (samples/bpf) which calls their callbacks as kfuncs."""
    return [known for known in descriptions().values() if known.on_kfuncs]


def as_kfuncs(known: Description) -> dict[str, str]:
    """The tables in C and in Rust of one of those, each with that whose program calls it."""
    return {known.reference: f"bpf_c{known.reference}", known.name: known.on_kfuncs}


def all_tables() -> list[str]:
    """All tables that are counted."""
    return tables() + [table for known in on_kfuncs() for table in as_kfuncs(known).values()]


def own() -> list[str]:
    """The tables of samples that are of no family, by the names of the samples."""
    known = {table for names in families().values() for table in names}
    names = [path.stem.removeprefix("tcp_") for path in sorted(CHECKOUT.glob("samples/*/*.rs"))
             if path.stem == path.parent.name and "tcp_congestion_ops!" in path.read_text()]
    return [table for name in names if name not in known for table in (name, f"{name}_bpf")]


def everything(stock: Kernel, directory: Path) -> tuple[list[str], dict[str, Path]]:
    """What a guest has to do to have every table, and the files for it."""
    setup, files = opsdiff.everything("stock", True)
    kinds = [CHECKOUT / f"build/stock/{name}.ko" for name in ("tcp_rkinds", "ckinds")]
    files |= {f"modules/{module.name}": module for module in kinds}
    setup.append(f"load {' '.join(f'modules/{module.name}' for module in kinds)}")
    for source in (CHECKOUT / "tests/opsdiff/nothing.bpf.c", *map(on_c, on_kfuncs())):
        made = directory / f"{source.stem}.o"
        bpf_program(source, kernel_types(stock.tree / "build"), CHECKOUT / "build/stock", made)
        files[f"bpf/{made.name}"] = made
        setup.append(f"register bpf/{made.name}")
    return setup, files


def on_c(known: Description) -> Path:
    """The program (samples/bpf) that calls the callbacks of ours, with those in C instead."""
    name, in_c = as_kfuncs(known)[known.reference], known.get("on_kfuncs", "in_c")
    text = (CHECKOUT / f"samples/bpf/{known.on_kfuncs}.bpf.c").read_text()
    if calls := set(re.findall(rf"\b{known.name}_\w+(?=\()", text)) - in_c.keys():
        raise Failure(f"{known.path.relative_to(CHECKOUT)}: [on_kfuncs.in_c] does not say what "
                      f"{', '.join(sorted(calls))} is in C")
    made = CHECKOUT / f"build/bench/{name}.bpf.c"
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_text("".join(f"#define {rust} {c}\n" for rust, c in in_c.items()) +
                    text.replace(known.on_kfuncs, name))
    return made


def measure_callbacks(stock: Kernel, wanted: list[str], calls: int) -> Measured:
    """Counts what the callbacks cost."""
    with tempfile.TemporaryDirectory() as directory:
        setup, files = everything(stock, Path(directory))
        return in_guests(stock, True, setup, [[f"count table={table} calls={calls} sockets=0"
                                               for table in share] for share in halves(wanted)
                                              if share], files)


def measure(stock: Kernel, calls: int, wanted: list[str], virtual: bool = True) -> Measured:
    """Counts everything."""
    with tempfile.TemporaryDirectory() as directory:
        setup, files = everything(stock, Path(directory))
        for size, mebibytes in (("small", SMALL), ("large", LARGE)):
            files[size] = Path(directory) / size
            content = stock.image.read_bytes()
            files[size].write_bytes((content * ((mebibytes << 20) // len(content) + 1))
                                    [:mebibytes << 20])
        files["transfer.sh"] = CHECKOUT / "scripts/ferrops/guest/transfer.sh"
        shares = [[f"count table={table} calls={calls}" for table in share]
                  for share in halves(wanted, 0.7)]
        shares[0] += [f"count table={NOTHING} path={path}" for path in WAYS.values()]
        shares[0] += ["programs"]
        shares[1] += [f"carry {' '.join(carriers(wanted))}",
                      *(f"hooks {'ecn' if needs_ecn else 'plain'} {theirs} {ours}"
                        for theirs, ours, needs_ecn in compared_programs(wanted))]
        return in_guests(stock, virtual, setup, shares, files)


def halves(wanted: list[str], first: float = 0.5) -> tuple[list[str], list[str]]:
    """A share for each of two guests."""
    half = int(len(wanted) * first)
    return wanted[:half], wanted[half:]


def in_guests(stock: Kernel, virtual: bool, setup: list[str], shares: list[list[str]],
              files: dict[str, Path]) -> Measured:
    """Does each share of the work in a guest of its own, all at once."""
    measured = Measured(virtual)
    failures: list[Failure] = []
    base_image.base(stock)
    with tempfile.TemporaryDirectory() as directory:
        threads = [threading.Thread(target=share, args=(
            stock, virtual, [*setup, *jobs], files, Path(directory) / f"jobs-{number}", measured,
            failures)) for number, jobs in enumerate(shares)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
    for job in (job for jobs in shares for job in jobs):
        table = re.match(r"count table=(\S+) calls=", job)
        if table and not measured.costs.get(table[1]):
            raise Failure(f"nothing was counted for {table[1]}")
    return measured


def carriers(wanted: list[str]) -> list[str]:
    """The tables that carry a file: first one whose figure does not count, since the first
    transfer pays for what the others find ready."""
    found = [families()[known.reference][column] for known in descriptions().values()
             if known.get("bench", "carry", False) for column in CARRY]
    return ["reno", *(table for table in found if table in wanted)]


def compared_programs(wanted: list[str]) -> list[tuple[str, str, bool]]:
    """The kernel's tables in BPF, each with ours, and whether they need ECN."""
    return [(known.kernels_bpf, known.bpf, known.get("bench", "ecn", False))
            for known in descriptions().values()
            if known.kernels_bpf in wanted and known.bpf in wanted]


def share(stock: Kernel, virtual: bool, jobs: list[str], files: dict[str, Path], script: Path,
          measured: Measured, failures: list[Failure]) -> None:
    """Does a share of the work in one guest."""
    begun: list[str] = []

    def progress(line: str) -> None:
        if found := re.match(r"begin .*\btable=(\S+) calls=\S+", line):
            begun.append(found[1])
            say(f"  {found[1]}")
    try:
        script.write_text("\n".join([*jobs, ""]))
        done = qemu.boot(qemu.Run(stock, CHECKOUT / "tests/opsdiff/guest.sh", [],
                                    files | {"jobs": script}, append=opsdiff.APPEND,
                                    virtual=virtual, processors=1, watchdog=virtual, timeout=3600,
                                    progress=progress))
        if done.status:
            last = (done.output.strip().splitlines() or ["it said nothing"])[-1]
            raise Failure(f"the guest's script failed: {last}")
        read(done.output, jobs, measured)
    except Failure as failure:
        failures.append(opsdiff.died(failure, begun))


def read(printed: str, jobs: list[str], measured: Measured) -> None:
    """Adds what a guest printed."""
    busy = []
    for head, block in re.findall(r"^begin ([^\n]*)\n(.*?)^end$", printed, re.M | re.S):
        if error := re.search(r"^error: (.*)", block, re.M):
            raise Failure(error[1])
        arguments = dict(re.findall(r"(\w+)=(\S+)", head))
        if head == "programs":
            measured.compiled = compiled(json.loads(block))
        elif head == "hooks":
            measured.hooks = counted(json.loads(block))
        elif path := arguments.get("path"):
            way = next((way for way, wanted in WAYS.items()
                        if wanted == path and arguments["table"] == NOTHING), path)
            measured.ways[way] = [
                (int(address, 16), symbol, bytes.fromhex(content)) for address, symbol, content in
                re.findall(r"^instruction: (\w+) (.*) (\w+)$", block, re.M)]
        elif table := arguments.get("table"):
            measured.costs[table] = {
                f"{hook}:{name}": Cost(*map(int, numbers.split())) for hook, name, numbers in
                re.findall(r"^cost: (\S+) (\S+) ([\d ]+)$", block, re.M)}
            measured.sockets[table] = {
                int(count): int(total) / int(calls) if measured.exact else float(median)
                for count, calls, total, median in
                re.findall(r"^sockets: (\d+) (\d+) (\d+) (\d+)$", block, re.M)}
        elif found := re.search(r"^busy: (\d+)$", block, re.M):
            busy.append(int(found[1]))
    carried = next((job.split()[1:] for job in jobs if job.startswith("carry ")), [])
    if len(busy) != 4 * len(carried):
        raise Failure(f"the guest carried {len(busy)} / 4 of {len(carried)} files")
    # The later of two of the same name counts.
    for table, at in zip(carried, range(0, len(busy), 4)):
        small, large = busy[at + 1] - busy[at], busy[at + 3] - busy[at + 2]
        measured.megabyte[table] = (large - small) / ((LARGE - SMALL) << 20) * 1e6


def compiled(said: dict[str, Any]) -> dict[str, int]:
    """Bytes of the programs of each table, from what bpftool says of programs and maps."""
    sizes: dict[str, int] = {}
    for table in said["maps"]:
        if table["type"] == "struct_ops":
            sizes[table["name"]] = sum(program["bytes_jited"] for program in said["programs"]
                                       if program.get("btf_id") == table["btf_id"])
    return sizes


def counted(said: dict[str, Any]) -> dict[str, dict[str, tuple[int, float]]]:
    """What the kernel counted of each table's programs, from what bpftool says."""
    programs = {program["id"]: program for program in said["programs"]}
    found: dict[str, dict[str, tuple[int, float]]] = {}
    for table in said["tables"]:
        members = table.get("bpf_struct_ops_tcp_congestion_ops", {}).get("data", {})
        for hook, value in members.items():
            number = re.search(r"/prog_id:(\d+)$", str(value))
            program = programs[int(number[1])] if number else {}
            if calls := program.get("run_cnt"):
                found.setdefault(members["name"], {})[hook] = calls, program["run_time_ns"] / calls
    return found


def steps(stock: Kernel, table: str, path: str) -> list[tuple[int, str, bytes]]:
    """Each instruction that a table executes on a path."""
    with tempfile.TemporaryDirectory() as directory:
        setup, files = (everything(stock, Path(directory)) if "bpf" in table else
                        opsdiff.everything("stock", False))
        return in_guests(stock, True, setup, [[f"count table={table} path={path}"]],
                         files).ways[path]


def compiler() -> str:
    """What of the toolchain the figures depend on."""
    return output(["rustc", "--version"]).split()[1]


BASELINES = CHECKOUT / "tests/opsdiff/baselines"

# How much more than C a callback may cost on any path that runs for each ACK or packet, and all of
# those in the geometric mean. Others are reported only.
MOST_ON_A_PATH, MOST_OF_ALL = 1.10, 1.00

# The members that run for each ACK or packet, and the paths through them that do not: they come
# once in a slow start, after a loss, or in ten seconds. An algorithm's own are in its description.
PER_ACK = {"cong_avoid", "cong_control", "in_ack_event", "pkts_acked", "cwnd_event", "min_tso_segs"}
SELDOM = {"slow_start_reaches_ssthresh", "slow_start_meets_a_queue",
          "the_first_ACK_after_a_recovery", "the_shortest_RTT_is_ten_seconds_old", "LOSS",
          "CWND_RESTART", "COMPLETE_CWR"}

# By how much a figure may rise above the baseline.
MOST_RISE = 1.02


def baseline(stock: Kernel) -> Path:
    """The figures that are known for a kernel and a compiler."""
    return BASELINES / f"{stock.release}-rustc-{compiler()}.json"


def figures(measured: Measured) -> dict[str, dict[str, float]]:
    """What a baseline has: the figures of our tables."""
    ours = [names[column] for names in families().values() for column in (RUST, OUR_BPF)]
    return {table: {path: round(cost.mean, 3) for path, cost in measured.costs[table].items()}
            for table in ours if table in measured.costs}


def rises(known: dict[str, dict[str, float]], found: dict[str, dict[str, float]]) -> list[str]:
    """What costs more than it did, a line for each; and what is not counted any more."""
    lines = []
    for table, path, before in ((table, path, before) for table, costs in known.items()
                                for path, before in costs.items()):
        now = found.get(table, {}).get(path)
        if now is None:
            lines.append(f"{table} {title(path)}: in the baseline, and not counted any more")
        elif now > before * MOST_RISE:
            lines.append(f"{table} {title(path)}: {now:.1f} instructions, {before:.1f} in the "
                         "baseline")
    lines += [f"{table} {title(path)}: not in the baseline" for table, costs in found.items()
              for path in costs if path not in known.get(table, {})]
    return lines


def is_per_ack(path: str) -> bool:
    """Whether a path runs for each ACK or packet."""
    member, _, name = path.partition(":")
    seldom = SELDOM.union(*(known.seldom for known in descriptions().values()))
    return member in PER_ACK and name not in seldom


def costs_more(measured: Measured, family: str) -> str:
    """Which paths of a family that run for each ACK cost too much more than in C; empty if none."""
    most = descriptions()[family].get("bench", "most", MOST_ON_A_PATH)
    return "; ".join(f"{title(path)}: {ratio:.2f} of C"
                     for path, ratio in measured.per_ack(family).items() if ratio > most)


def costs_more_on_average(measured: Measured) -> str:
    """By how much all of them cost more than C in the geometric mean; empty if they do not."""
    mean = geometric_mean([ratio for family in families()
                           for ratio in measured.per_ack(family).values()])
    return f"{mean:.3f} of C" if mean > MOST_OF_ALL else ""


# How much more it may add to a callback to be a kfunc than it adds in C. `cong_avoid` checks an
# argument before it goes on in the callback: four instructions, of which the callee's `nop` for
# ftrace, which Rust has not, pays one.
MORE_AS_KFUNC = {"cong_avoid": 3}


def as_kfunc(measured: Measured, known: Description) -> dict[str, tuple[float, float]]:
    """By path, what it adds to a callback to be called by BPF as a kfunc: in C, in Rust."""
    found = {}
    for path in measured.costs[known.on_kfuncs]:
        figures = [measured.figure(table, path) for pair in as_kfuncs(known).items()
                   for table in pair]
        c, c_in_bpf, rust, rust_in_bpf = (figure or math.nan for figure in figures)
        found[path] = c_in_bpf - c, rust_in_bpf - rust
    return found


def costs_more_as_kfunc(measured: Measured) -> str:
    """Which callbacks cost more as kfuncs than they may; empty if none does."""
    return "; ".join(f"{title(path)}: {rust:.1f} instructions more as a kfunc, in C {c:.1f}"
                     for known in on_kfuncs()
                     for path, (c, rust) in as_kfunc(measured, known).items()
                     if not rust <= c + MORE_AS_KFUNC.get(path.partition(":")[0], 0))


# How much more one of our programs may cost over a transfer than the kernel's of the same hook:
# neither is called exactly as the other.
MOST_OVER_A_TRANSFER = 1.01


def costs_more_in_bpf(measured: Measured) -> str:
    """Which of our programs cost more over a transfer than the kernel's; empty if none does."""
    pairs = [(ours, hook, measured.hooks[theirs][hook][1], cost)
             for theirs, ours, _ in compared_programs(list(measured.hooks))
             for hook, (_, cost) in measured.hooks[ours].items() if hook in measured.hooks[theirs]]
    if len({ours for ours, *_ in pairs}) != sum(bool(names[KERNELS_BPF])
                                                for names in families().values()):
        return "not every program was called"
    return "; ".join(f"{ours} {hook}: {cost:.1f} instructions, the kernel's {theirs:.1f}"
                     for ours, hook, theirs, cost in pairs
                     if cost > theirs * MOST_OVER_A_TRANSFER)


def title(path: str) -> str:
    """A path as people read it."""
    hook, _, name = path.partition(":")
    return f"{hook}: {name.replace('_', ' ')}"
